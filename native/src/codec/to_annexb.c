/* Parameter sets of avcC and hvcC as Annex-B (ISO/IEC 14496-15, clauses 5.3.3 and 8.3.3). */
#include <string.h>

#include "h264.h"
#include "h265.h"
#include "kvs/nal.h"
#include "record.h"

#define START_CODE 1u
#define START_CODE_BYTES 4
/* Before numOfSequenceParameterSets, and between the PPS and numOfSequenceParameterSetExt. */
#define AVCC_FIXED_BYTES 5
#define AVCC_CHROMA_BYTES 3
/* Before numOfArrays. */
#define HVCC_FIXED_BYTES 22

static void put_set(struct kvs__record_writer *writer, struct kvs_span set) {
    if (set.len != 0) {
        kvs__record_put(writer, START_CODE, START_CODE_BYTES);
        kvs__record_put_bytes(writer, set);
    }
}

static void put_sets(struct kvs__record_writer *writer, struct kvs__record_reader *reader,
                     uint32_t count) {
    for (uint32_t i = 0; i < count && !reader->failed; i++) {
        put_set(writer, kvs__record_get_set(reader));
    }
}

static void put_avcc(struct kvs__record_writer *writer, struct kvs_span record) {
    struct kvs__record_reader reader = {record, 0, false};
    kvs__record_get_bytes(&reader, AVCC_FIXED_BYTES);
    put_sets(writer, &reader, kvs__record_get(&reader, 1) & 0x1F);
    put_sets(writer, &reader, kvs__record_get(&reader, 1));
    /* Profiles without chroma fields end here, and so do many files of others. */
    kvs__record_get_bytes(&reader, AVCC_CHROMA_BYTES);
    put_sets(writer, &reader, kvs__record_get(&reader, 1));
}

static void put_hvcc(struct kvs__record_writer *writer, struct kvs_span record) {
    struct kvs__record_reader reader = {record, 0, false};
    kvs__record_get_bytes(&reader, HVCC_FIXED_BYTES);
    uint32_t arrays = kvs__record_get(&reader, 1);
    for (uint32_t i = 0; i < arrays && !reader.failed; i++) {
        kvs__record_get(&reader, 1); /* array_completeness and NAL_unit_type */
        put_sets(writer, &reader, kvs__record_get(&reader, 2));
    }
}

kvs_status kvs_codec_private_to_annexb(enum kvs_codec codec, struct kvs_span codec_private,
                                       uint8_t *out, size_t capacity, size_t *written) {
    if (out == NULL || written == NULL || (codec_private.data == NULL && codec_private.len != 0)) {
        return KVS_STATUS_NULL_ARG;
    }
    struct kvs__record_writer writer = {out, capacity, 0};
    bool is_nal = codec == KVS_CODEC_H264 || codec == KVS_CODEC_H265;
    if (!is_nal || !kvs_nal_reader_annexb(codec_private).malformed) {
        kvs__record_put_bytes(&writer, codec_private);
    } else {
        struct kvs_span sps;
        kvs_status status = codec == KVS_CODEC_H264 ? kvs__h264_avcc_sps(codec_private, &sps)
                                                    : kvs__h265_hvcc_sps(codec_private, &sps);
        if (status != KVS_STATUS_SUCCESS) {
            return status;
        }
        if (codec == KVS_CODEC_H264) {
            put_avcc(&writer, codec_private);
        } else {
            put_hvcc(&writer, codec_private);
        }
    }
    if (writer.len > capacity) {
        return KVS_STATUS_BUFFER_TOO_SMALL;
    }
    *written = writer.len;
    return KVS_STATUS_SUCCESS;
}
