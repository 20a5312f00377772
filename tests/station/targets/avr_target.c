/* ATmega328P with its boot loader on simavr; its serial port is a TCP port, and a connection resets it as DTR would.
 *
 * avr_target BOOT.hex FLASH.bin: prints the port; FLASH.bin is read at the start and written when the program is told to
 * end. Three things a boot loader needs of a simulator: it runs no faster than the clock on the wall (its watchdog would end
 * the wait for a first byte), a reset says in MCUSR that it came from outside, and every part of the loader's hex file is
 * loaded, its version word too.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "avr_uart.h"
#include "sim_avr.h"
#include "sim_hex.h"
#include "sim_io.h"
#include "sim_irq.h"

#define MCUSR 0x54
#define EXTRF 2
#define HERTZ 16000000.0

static volatile sig_atomic_t ending;
static avr_t *avr;
static int client = -1, may_send = 1;
static double began;
static uint64_t began_cycle;
static unsigned char waiting[65536];
static unsigned waiting_from, waiting_to;

static double wall(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec + now.tv_nsec / 1e9;
}

static void on_signal(int which) { ending = which; }
static void on_byte(struct avr_irq_t *irq, uint32_t value, void *unused) {
    unsigned char byte = value;
    if (client >= 0) (void)!send(client, &byte, 1, MSG_NOSIGNAL);
}
static void on_ready(struct avr_irq_t *irq, uint32_t value, void *unused) { may_send = 1; }
static void on_full(struct avr_irq_t *irq, uint32_t value, void *unused) { may_send = 0; }

static void reset_from_outside(uint32_t loader) {
    avr_reset(avr);
    avr->pc = loader;
    avr->data[MCUSR] |= EXTRF;
    waiting_from = waiting_to = 0;
    may_send = 1;
    began = wall();
    began_cycle = avr->cycle;
}

static uint32_t load(const char *loader_file, const char *flash_file) {
    memset(avr->flash, 0xff, avr->flashend + 1);
    FILE *file = fopen(flash_file, "rb");
    if (file) {
        if (fread(avr->flash, 1, avr->flashend + 1, file) == 0) rewind(file);
        fclose(file);
    }
    ihex_chunk_p chunks = 0;
    int count = read_ihex_chunks(loader_file, &chunks);
    uint32_t start = 0xffffffff;
    for (int i = 0; i < count; i++) {
        memcpy(avr->flash + chunks[i].baseaddr, chunks[i].data, chunks[i].size);
        if (chunks[i].baseaddr < start) start = chunks[i].baseaddr;
    }
    avr->codeend = avr->flashend;
    avr->reset_pc = start;
    return count > 0 ? start : 0xffffffff;
}

static int listen_locally(void) {
    int one = 1, server = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in place = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof place;
    setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(server, (void *)&place, sizeof place) || listen(server, 1)) return -1;
    fcntl(server, F_SETFL, O_NONBLOCK);
    getsockname(server, (void *)&place, &size);
    printf("%d\n", ntohs(place.sin_port));
    fflush(stdout);
    return server;
}

static void exchange(int server, uint32_t loader) {
    if (client < 0) {
        client = accept(server, 0, 0);
        if (client < 0) return;
        int one = 1;
        fcntl(client, F_SETFL, O_NONBLOCK);
        setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        reset_from_outside(loader);
        return;
    }
    unsigned char bytes[512];
    ssize_t count = recv(client, bytes, sizeof bytes, 0);
    if (count == 0 || (count < 0 && errno != EAGAIN)) {
        close(client);
        client = -1;
    }
    for (ssize_t i = 0; i < count; i++) waiting[waiting_to++ & 65535] = bytes[i];
}

int main(int count, char **words) {
    if (count != 3 || !(avr = avr_make_mcu_by_name("atmega328p"))) return 2;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    avr_init(avr);
    avr->frequency = HERTZ;
    avr->log = 0;
    uint32_t flags = 0, loader = load(words[1], words[2]);
    if (loader == 0xffffffff) return 3;
    avr_ioctl(avr, AVR_IOCTL_UART_GET_FLAGS('0'), &flags);
    flags &= ~(AVR_UART_FLAG_STDIO | AVR_UART_FLAG_POLL_SLEEP);
    avr_ioctl(avr, AVR_IOCTL_UART_SET_FLAGS('0'), &flags);
    avr_irq_t *in = avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_INPUT);
    avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_OUTPUT), on_byte, 0);
    avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_OUT_XON), on_ready, 0);
    avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_OUT_XOFF), on_full, 0);
    int server = listen_locally();
    if (server < 0) return 4;
    signal(SIGTERM, on_signal);
    reset_from_outside(loader);
    for (unsigned long step = 1; !ending; step++) {
        int state = avr_run(avr);
        if (state == cpu_Done || state == cpu_Crashed) reset_from_outside(loader);
        if ((step & 0xfff) == 0) {
            double ahead = (avr->cycle - began_cycle) / HERTZ - (wall() - began);
            if (ahead > 0.002) usleep(ahead * 1e6);
        }
        if ((step & 0xff) == 0) exchange(server, loader);
        if (may_send && waiting_from != waiting_to && (step & 0xff) == 0x80) {
            avr_raise_irq(in, waiting[waiting_from & 65535]);
            waiting_from++;
        }
    }
    FILE *file = fopen(words[2], "wb");
    if (!file) return 5;
    fwrite(avr->flash, 1, avr->flashend + 1, file);
    fclose(file);
    return 0;
}
