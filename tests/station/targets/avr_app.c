/* Firmware of the emulated ATmega328P: says its version once, over its serial port at 115200 baud. */
#include <avr/io.h>

static void put(const char *text) {
    for (; *text; text++) {
        while (!(UCSR0A & _BV(UDRE0))) {}
        UDR0 = *text;
    }
}

int main(void) {
    UCSR0A = _BV(U2X0);
    UBRR0 = 16;
    UCSR0B = _BV(TXEN0);
    put("BOOT fw=" VER " hw=B\r\nSELFTEST PASS\r\n");
    for (;;) {}
}
