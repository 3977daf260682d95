/*
 * Numbers, exactly: the value is digits times a power of ten, and no floating point is involved.
 */
#include "ack_internal.h"

/* Larger exponents say no more: the text has no room for as many digits against them. */
#define MAX_EXPONENT 9999

/* The value is `digits` times ten to the power of `zeros`; `digits` does not end in a zero digit.
 */
struct decimal {
    uint64_t digits;
    int32_t zeros;
    bool too_large;
};

static void multiply_by_ten(struct decimal *decimal) {
    if (decimal->digits > UINT64_MAX / 10) {
        decimal->too_large = true;
    } else {
        decimal->digits *= 10;
    }
}

/** Appends a digit. Zeros wait until another digit shows that they are not the last ones. */
static void push_digit(struct decimal *decimal, unsigned digit) {
    if (digit == 0) {
        decimal->zeros += decimal->digits != 0 ? 1 : 0;
        return;
    }
    for (; decimal->zeros > 0 && !decimal->too_large; decimal->zeros--) {
        multiply_by_ten(decimal);
    }
    multiply_by_ten(decimal);
    if (decimal->digits > UINT64_MAX - digit) {
        decimal->too_large = true;
    } else {
        decimal->digits += digit;
    }
}

/** Pushes the digits from `at` on and returns the position after them. */
static size_t push_digits(struct decimal *decimal, const char *text, size_t len, size_t at) {
    for (; at < len && text[at] >= '0' && text[at] <= '9'; at++) {
        push_digit(decimal, (unsigned)(text[at] - '0'));
    }
    return at;
}

/** The exponent that begins after an 'e' at `at`; sets `end` to `at` when there are no digits. */
static int32_t read_exponent(const char *text, size_t len, size_t at, size_t *end) {
    bool negative = at < len && text[at] == '-';
    size_t first = at < len && (text[at] == '-' || text[at] == '+') ? at + 1 : at;
    size_t next = first;
    int32_t exponent = 0;
    for (; next < len && text[next] >= '0' && text[next] <= '9'; next++) {
        exponent = exponent * 10 + (text[next] - '0');
        exponent = exponent > MAX_EXPONENT ? MAX_EXPONENT : exponent;
    }
    *end = next > first ? next : at;
    return negative ? -exponent : exponent;
}

/** Applies the power of ten; false when the result is not whole or not an int64_t. */
static bool whole_value(struct decimal decimal, int64_t *magnitude) {
    if (decimal.digits == 0) {
        *magnitude = 0;
        return true;
    }
    if (decimal.zeros < 0) {
        return false;
    }
    for (; decimal.zeros > 0 && !decimal.too_large; decimal.zeros--) {
        multiply_by_ten(&decimal);
    }
    if (decimal.too_large || decimal.digits > INT64_MAX) {
        return false;
    }
    *magnitude = (int64_t)decimal.digits;
    return true;
}

enum kvs__ack_number kvs__ack_parse_number(const char *text, size_t len, int64_t *value) {
    struct decimal decimal = {0, 0, false};
    int32_t shift = 0;
    bool negative = len > 0 && text[0] == '-';
    size_t start = negative ? 1 : 0;
    size_t at = push_digits(&decimal, text, len, start);
    if (at == start) {
        return KVS__ACK_NUMBER_MALFORMED;
    }
    if (at < len && text[at] == '.') {
        size_t fraction = at + 1;
        at = push_digits(&decimal, text, len, fraction);
        if (at == fraction) {
            return KVS__ACK_NUMBER_MALFORMED;
        }
        shift = -(int32_t)(at - fraction);
    }
    if (at < len && (text[at] == 'e' || text[at] == 'E')) {
        size_t exponent = at + 1;
        shift += read_exponent(text, len, exponent, &at);
        if (at == exponent) {
            return KVS__ACK_NUMBER_MALFORMED;
        }
    }
    if (at != len) {
        return KVS__ACK_NUMBER_MALFORMED;
    }
    int64_t magnitude = 0;
    decimal.zeros += shift;
    if (!whole_value(decimal, &magnitude)) {
        return KVS__ACK_NUMBER_UNFIT;
    }
    *value = negative ? -magnitude : magnitude;
    return KVS__ACK_NUMBER_WHOLE;
}
