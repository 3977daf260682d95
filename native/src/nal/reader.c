/* One NAL unit after the other, in either framing. */
#include "nal/annexb_reader.h"
#include "platform/assert.h"

struct kvs_nal_reader kvs_nal_reader_annexb(struct kvs_span bytes) {
    struct kvs_nal_reader reader = {bytes, 0, KVS_NAL_FRAMING_ANNEXB, 0, false};
    reader.position = kvs__skip_first_start_code(bytes);
    if (reader.position == 0) {
        reader.position = bytes.len;
        reader.malformed = true;
    }
    return reader;
}

struct kvs_nal_reader kvs_nal_reader_lengths(struct kvs_span bytes, uint8_t length_bytes) {
    KVS_ASSERT(length_bytes >= 1 && length_bytes <= 4, "a length has 1 to 4 bytes");
    struct kvs_nal_reader reader = {bytes, 0, KVS_NAL_FRAMING_LENGTHS, length_bytes, false};
    return reader;
}

static bool next_with_length(struct kvs_nal_reader *reader, struct kvs_span *nal) {
    const uint8_t *data = reader->bytes.data;
    while (reader->position < reader->bytes.len) {
        size_t left = reader->bytes.len - reader->position;
        size_t len = 0;
        for (size_t i = 0; i < reader->length_bytes && i < left; i++) {
            len = len << 8 | data[reader->position + i];
        }
        if (left < reader->length_bytes || len > left - reader->length_bytes) {
            reader->malformed = true;
            reader->position = reader->bytes.len;
            return false;
        }
        size_t start = reader->position + reader->length_bytes;
        reader->position = start + len;
        if (len != 0) {
            *nal = kvs_span_of(data + start, len);
            return true;
        }
    }
    return false;
}

bool kvs_nal_reader_next(struct kvs_nal_reader *reader, struct kvs_span *nal) {
    return reader->framing == KVS_NAL_FRAMING_ANNEXB
               ? kvs__next_annexb(reader->bytes, &reader->position, nal)
               : next_with_length(reader, nal);
}
