/* Frames that look like those of a camera. */
#include <stdlib.h>
#include <string.h>

#include "bench.h"

#define PREFIX_BYTES 4u

/* Parameter sets of x264 for Baseline, 150x100. */
static const uint8_t sps[] = {0x67, 0x42, 0xC0, 0x0B, 0xDA, 0x0A, 0x3F, 0x9A,
                              0x7C, 0x04, 0x40, 0x00, 0x00, 0x03, 0x00, 0x40,
                              0x00, 0x00, 0x0C, 0x83, 0xC5, 0x0A, 0xA8};
static const uint8_t pps[] = {0x68, 0xCE, 0x0F, 0xC8};

/* The same as an avcC record (ISO/IEC 14496-15). */
static const uint8_t record[] = {0x01, 0x42, 0xC0, 0x0B, 0xFF, 0xE1, 0x00, 0x17, 0x67, 0x42,
                                 0xC0, 0x0B, 0xDA, 0x0A, 0x3F, 0x9A, 0x7C, 0x04, 0x40, 0x00,
                                 0x00, 0x03, 0x00, 0x40, 0x00, 0x00, 0x0C, 0x83, 0xC5, 0x0A,
                                 0xA8, 0x01, 0x00, 0x04, 0x68, 0xCE, 0x0F, 0xC8};

static uint8_t *put_prefix(uint8_t *out, enum bench_framing framing, size_t nal_len) {
    static const uint8_t start_code[PREFIX_BYTES] = {0, 0, 0, 1};
    memcpy(out, start_code, PREFIX_BYTES);
    for (uint32_t i = 0; framing == BENCH_AVCC && i < PREFIX_BYTES; i++) {
        out[i] = (uint8_t)(nal_len >> (8 * (PREFIX_BYTES - 1 - i)));
    }
    return out + PREFIX_BYTES;
}

static uint8_t *put_nal(uint8_t *out, enum bench_framing framing, const uint8_t *nal, size_t len) {
    out = put_prefix(out, framing, len);
    memcpy(out, nal, len);
    return out + len;
}

/* A slice that fills the bytes up to `end`. Random bytes stand for those of an entropy coder, which
 * has emulation prevention keep 00 00 00 to 00 00 02 out of its output. */
static void put_slice(uint8_t *out, const uint8_t *end, enum bench_framing framing, bool key,
                      uint32_t *random) {
    uint32_t zeros = 0;
    size_t len = (size_t)(end - out) - PREFIX_BYTES;
    out = put_prefix(out, framing, len);
    out[0] = key ? 0x65 : 0x41;
    for (size_t i = 1; i < len; i++) {
        uint8_t byte = (uint8_t)(bench_random(random) >> 8);
        out[i] = zeros == 2 && byte < 3 ? 3 : byte;
        zeros = out[i] == 0 ? zeros + 1 : 0;
    }
    out[len - 1] |= 0x80; /* the stop bit: a NAL unit does not end with zeros */
}

void bench_source_open(struct bench_source *source, enum bench_framing framing,
                       size_t frame_bytes) {
    uint32_t random = 1;
    source->bytes = bench_allocate(BENCH_SOURCE_FRAMES * frame_bytes);
    for (uint32_t i = 0; i < BENCH_SOURCE_FRAMES; i++) {
        uint8_t *frame = source->bytes + i * frame_bytes;
        uint8_t *at = frame;
        if (i == 0) {
            at = put_nal(at, framing, sps, sizeof sps);
            at = put_nal(at, framing, pps, sizeof pps);
        }
        put_slice(at, frame + frame_bytes, framing, i == 0, &random);
        source->frames[i] = kvs_span_of(frame, frame_bytes);
    }
}

void bench_source_close(struct bench_source *source) { free(source->bytes); }

struct kvs_span bench_codec_private(void) {
    return kvs_span_of(record, sizeof record);
}

struct kvs_span bench_source_frame(const struct bench_source *source, uint32_t i) {
    uint32_t place = i % BENCH_FRAMES_PER_FRAGMENT;
    return source->frames[place == 0 ? 0 : 1 + place % (BENCH_SOURCE_FRAMES - 1)];
}
