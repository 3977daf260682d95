#include "h264_order.h"

#include <stddef.h>

#define NAL_IDR 5
#define PROFILE_BASELINE 66

/* Reads bits and leaves out emulation prevention bytes (clause 7.4.1.1). */
struct bits {
    struct kvs_span bytes;
    size_t position;
    uint32_t left_in_byte;
    /* Set when something was read beyond the end; all of that is 0. */
    bool overrun;
};

static struct bits bits_of_nal(struct kvs_span nal) {
    struct bits bits = {nal, 1, 8, nal.len < 2};
    return bits;
}

static uint32_t read_bit(struct bits *bits) {
    const uint8_t *data = bits->bytes.data;
    if (bits->left_in_byte == 0) {
        bits->position++;
        bits->left_in_byte = 8;
        bool escaped = bits->position >= 3 && bits->position < bits->bytes.len &&
                       data[bits->position] == 3 && data[bits->position - 1] == 0 &&
                       data[bits->position - 2] == 0;
        bits->position += escaped ? 1 : 0;
    }
    if (bits->position >= bits->bytes.len) {
        bits->overrun = true;
        return 0;
    }
    bits->left_in_byte--;
    return data[bits->position] >> bits->left_in_byte & 1u;
}

static uint32_t read_bits(struct bits *bits, uint32_t count) {
    uint32_t value = 0;
    while (count-- > 0) {
        value = value << 1 | read_bit(bits);
    }
    return value;
}

/* ue(v), clause 9.1. */
static uint32_t read_ue(struct bits *bits) {
    uint32_t zeros = 0;
    while (read_bit(bits) == 0) {
        if (bits->overrun || ++zeros > 31) {
            bits->overrun = true;
            return 0;
        }
    }
    return (UINT32_C(1) << zeros) - 1 + read_bits(bits, zeros);
}

static int32_t read_se(struct bits *bits) {
    uint32_t code = read_ue(bits);
    int32_t magnitude = (int32_t)(code / 2 + code % 2);
    return code % 2 == 1 ? magnitude : -magnitude;
}

static void skip_scaling_list(struct bits *bits, uint32_t size) {
    int32_t last = 8;
    for (uint32_t i = 0; i < size && last != 0; i++) {
        last = (int32_t)((uint32_t)(last + read_se(bits) % 256) & 0xffu);
    }
}

/* Whether an SPS of the profile tells its chroma format. */
static bool has_chroma_format(uint32_t profile) {
    static const uint8_t profiles[] = {100, 110, 122, 244, 44,  83, 86,
                                       118, 128, 138, 139, 134, 135};
    for (size_t i = 0; i < sizeof profiles; i++) {
        if (profiles[i] == profile) {
            return true;
        }
    }
    return false;
}

/* Returns separate_colour_plane_flag. */
static bool skip_chroma_format(struct bits *bits) {
    uint32_t chroma_format = read_ue(bits);
    bool separate_planes = chroma_format == 3 && read_bit(bits) == 1;
    read_ue(bits); /* bit_depth_luma_minus8 */
    read_ue(bits); /* bit_depth_chroma_minus8 */
    read_bit(bits);
    if (read_bit(bits) == 1) {
        for (uint32_t i = 0; i < (chroma_format == 3 ? 12u : 8u); i++) {
            if (read_bit(bits) == 1) {
                skip_scaling_list(bits, i < 6 ? 16 : 64);
            }
        }
    }
    return separate_planes;
}

const char *h264_order_read_sps(struct h264_order *order, struct kvs_span nal) {
    struct h264_order read = {.has_sps = true};
    struct bits bits = bits_of_nal(nal);
    uint32_t profile = read_bits(&bits, 8);
    read_bits(&bits, 16);
    read_ue(&bits); /* seq_parameter_set_id */
    if (has_chroma_format(profile)) {
        read.separate_planes = skip_chroma_format(&bits);
    }
    read.frame_num_bits = read_ue(&bits) + 4;
    uint32_t type = read_ue(&bits);
    if (type == 1) {
        return "orders its pictures by pic_order_cnt_type 1, which this example cannot read";
    }
    read.lsb_bits = type == 0 ? read_ue(&bits) + 4 : 0;
    /* Type 2 and the Baseline profile have no pictures that are shown out of order. */
    read.reorders = type == 0 && profile != PROFILE_BASELINE;
    read_ue(&bits); /* max_num_ref_frames */
    read_bit(&bits);
    read_ue(&bits); /* pic_width_in_mbs_minus1 */
    read_ue(&bits); /* pic_height_in_map_units_minus1 */
    read.frames_only = read_bit(&bits) == 1;
    if (bits.overrun || type > 2 || read.frame_num_bits > 16 || read.lsb_bits > 16) {
        return "has a sequence parameter set that cannot be read";
    }
    /* It is repeated in the middle of a sequence too. */
    read.previous_msb = order->previous_msb;
    read.previous_lsb = order->previous_lsb;
    *order = read;
    return NULL;
}

const char *h264_order_read_slice(struct h264_order *order, struct kvs_span nal, int64_t *count) {
    bool idr = (nal.data[0] & 0x1f) == NAL_IDR;
    bool referred_to = (nal.data[0] & 0x60) != 0;
    struct bits bits = bits_of_nal(nal);
    read_ue(&bits); /* first_mb_in_slice */
    read_ue(&bits); /* slice_type */
    read_ue(&bits); /* pic_parameter_set_id */
    read_bits(&bits, order->separate_planes ? 2 : 0);
    read_bits(&bits, order->frame_num_bits);
    if (!order->frames_only && read_bit(&bits) == 1) {
        return "has pictures in two fields, which this example cannot read";
    }
    if (idr) {
        read_ue(&bits); /* idr_pic_id */
        order->previous_msb = 0;
        order->previous_lsb = 0;
    }
    int64_t lsb = read_bits(&bits, order->lsb_bits);
    if (bits.overrun) {
        return "has a slice that cannot be read";
    }
    int64_t range = INT64_C(1) << order->lsb_bits;
    int64_t msb = order->previous_msb;
    if (lsb < order->previous_lsb && order->previous_lsb - lsb >= range / 2) {
        msb += range;
    } else if (lsb > order->previous_lsb && lsb - order->previous_lsb > range / 2) {
        msb -= range;
    }
    if (referred_to) {
        order->previous_msb = msb;
        order->previous_lsb = lsb;
    }
    *count = msb + lsb;
    return NULL;
}
