/* Firmware of the emulated Cortex-M target (QEMU lm3s6965evb), for tests of the station.
 *
 * It says its version and the revision of its identity page, refuses to go on when the image's last word is not the CRC-32
 * of the rest (its "secure boot"), says whether its factory page holds a secret, tests itself, and answers
 * `ATTEST <16 bytes in hex>` with HMAC-SHA256(secret, nonce | SHA-256 of the image).
 *
 * Build: -DVER=\"2.3.1\" · -DSELFTEST_FAILS  · -DBOOTS_ANYTHING leaves the check of the image out.
 *        -DSLOT=0x8000 stands for a boot loader: its banner goes on with digest and counter of the MCUboot image at that address.
 * Memory: image 0..IMAGE, identity page 0x3F800 (8 bytes UID, revision), factory page 0x3F000 ("PROV", 32 bytes secret).
 */
#include <stdint.h>

#define IMAGE 0x4000
#define FACTORY ((const volatile uint8_t *)0x3F000)
#define IDENTITY ((const volatile uint8_t *)0x3F800)
#define UART_DR (*(volatile uint32_t *)0x4000C000)
#define UART_FR (*(volatile uint32_t *)0x4000C018)

extern uint32_t _estack;
void reset(void);
__attribute__((section(".isr"), used)) void (*const vectors[])(void) = {(void (*)(void))&_estack, reset};

static void put(const char *text) { while (*text) UART_DR = *text++; }

static uint8_t get(void) { while (UART_FR & 0x10) {} return UART_DR; }

static uint32_t crc32(const volatile uint8_t *from, uint32_t count) {
    uint32_t crc = ~0u;
    while (count--) {
        crc ^= *from++;
        for (int bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ (0xEDB88320 & -(crc & 1));
    }
    return ~crc;
}

/* SHA-256, FIPS 180-4 */
static const uint32_t K[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01,
    0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc,
    0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
    0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08,
    0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
    0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static struct { uint32_t h[8]; uint8_t block[64]; uint32_t used, total; } hash;

static uint32_t turn(uint32_t word, int bits) { return word >> bits | word << (32 - bits); }

static void compress(void) {
    uint32_t w[64], s[8];
    for (int i = 0; i < 16; i++)
        w[i] = hash.block[4 * i] << 24 | hash.block[4 * i + 1] << 16 | hash.block[4 * i + 2] << 8 | hash.block[4 * i + 3];
    for (int i = 16; i < 64; i++)
        w[i] = w[i - 16] + w[i - 7] + (turn(w[i - 15], 7) ^ turn(w[i - 15], 18) ^ w[i - 15] >> 3)
             + (turn(w[i - 2], 17) ^ turn(w[i - 2], 19) ^ w[i - 2] >> 10);
    for (int i = 0; i < 8; i++) s[i] = hash.h[i];
    for (int i = 0; i < 64; i++) {
        uint32_t one = s[7] + (turn(s[4], 6) ^ turn(s[4], 11) ^ turn(s[4], 25)) + ((s[4] & s[5]) ^ (~s[4] & s[6])) + K[i] + w[i];
        uint32_t two = (turn(s[0], 2) ^ turn(s[0], 13) ^ turn(s[0], 22)) + ((s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]));
        for (int j = 7; j > 0; j--) s[j] = s[j - 1];
        s[4] += one;
        s[0] = one + two;
    }
    for (int i = 0; i < 8; i++) hash.h[i] += s[i];
}

static void begin(void) {
    static const uint32_t first[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    for (int i = 0; i < 8; i++) hash.h[i] = first[i];
    hash.used = hash.total = 0;
}

static void add(const volatile uint8_t *from, uint32_t count) {
    hash.total += count;
    while (count--) {
        hash.block[hash.used++] = *from++;
        if (hash.used == 64) { compress(); hash.used = 0; }
    }
}

static void end(uint8_t *out) {
    uint32_t bits = hash.total * 8;
    uint8_t byte = 0x80, zero = 0;
    add(&byte, 1);
    while (hash.used != 60) add(&zero, 1);
    for (int i = 0; i < 4; i++) { byte = bits >> (24 - 8 * i); add(&byte, 1); }
    for (int i = 0; i < 32; i++) out[i] = hash.h[i / 4] >> (24 - 8 * (i % 4));
}

static void attest(const uint8_t *nonce) {
    uint8_t image[32], inner[32], pad[64];
    begin(); add((const volatile uint8_t *)0, IMAGE); end(image);
    for (int i = 0; i < 64; i++) pad[i] = (i < 32 ? FACTORY[4 + i] : 0) ^ 0x36;
    begin(); add(pad, 64); add(nonce, 16); add(image, 32); end(inner);
    for (int i = 0; i < 64; i++) pad[i] ^= 0x36 ^ 0x5c;
    begin(); add(pad, 64); add(inner, 32); end(image);
    put("ATTEST ");
    for (int i = 0; i < 32; i++) {
        UART_DR = "0123456789abcdef"[image[i] >> 4];
        UART_DR = "0123456789abcdef"[image[i] & 15];
    }
    put("\r\n");
}

#ifdef SLOT
static void hex(const volatile uint8_t *from, uint32_t count) {
    for (; count--; from++) {
        UART_DR = "0123456789abcdef"[*from >> 4];
        UART_DR = "0123456789abcdef"[*from & 15];
    }
}

static void decimal(uint32_t number) {
    char text[11], *at = text + 10;
    *at = 0;
    do *--at = '0' + number % 10; while (number /= 10);
    put(at);
}

/* MCUboot, image format: TLVs after header and payload, first the protected area, then the rest */
static void say_slot(void) {
    const volatile uint8_t *image = (const volatile uint8_t *)SLOT, *digest = 0;
    uint32_t guarded = image[10] | image[11] << 8, counter = 0;
    const volatile uint8_t *at = image + (image[8] | image[9] << 8)
        + (image[12] | image[13] << 8 | image[14] << 16 | (uint32_t)image[15] << 24);
    for (int area = guarded ? 0 : 1; area < 2; area++) {
        const volatile uint8_t *until = at + (at[2] | at[3] << 8);
        for (at += 4; at < until; at += 4 + (at[2] | at[3] << 8)) {
            if (at[0] == 0x50) counter = at[4] | at[5] << 8 | at[6] << 16 | (uint32_t)at[7] << 24;
            if (at[0] == 0x10) digest = at + 4;
        }
    }
    put(" digest=");
    if (digest) hex(digest, 32);
    put(" counter=");
    decimal(counter);
}
#endif

static int digit(uint8_t letter) { return letter <= '9' ? letter - '0' : letter - 'a' + 10; }

void reset(void) {
    put("BOOT fw=" VER " hw=");
    for (int i = 8; i < 12 && IDENTITY[i] > 0x20 && IDENTITY[i] < 0x7f; i++) UART_DR = IDENTITY[i];
#ifdef SLOT
    say_slot();
#endif
    put("\r\n");
#ifndef BOOTS_ANYTHING
    if (*(const volatile uint32_t *)(IMAGE - 4) != crc32((const volatile uint8_t *)0, IMAGE - 4)) {
        put("SECUREBOOT REJECT\r\n");
        for (;;) __asm("wfi");
    }
#endif
    int given = FACTORY[0] == 'P' && FACTORY[1] == 'R' && FACTORY[2] == 'O' && FACTORY[3] == 'V';
    put(given ? "PROVISIONED\r\n" : "UNPROVISIONED\r\n");
#ifdef SELFTEST_FAILS
    put("SELFTEST FAIL\r\n");
#else
    put("SELFTEST PASS\r\n");
#endif
    for (;;) {
        static uint8_t nonce[16];
        const char *word = "ATTEST ";
        while (*word && get() == (uint8_t)*word) word++;
        if (*word) continue;
        for (int i = 0; i < 16; i++) { nonce[i] = digit(get()) << 4; nonce[i] |= digit(get()); }
        attest(nonce);
    }
}
