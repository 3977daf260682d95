/* Headers of Windows that Matroska stores as codec private data. */
#ifndef KVS_CODEC_MS_HEADERS_H
#define KVS_CODEC_MS_HEADERS_H

#include <stdint.h>

#include "kvs/codec.h"

/* Width and height of a BITMAPINFOHEADER. Errors: KVS_STATUS_MKV_INVALID_BIH_CPD. */
kvs_status kvs__bitmap_size(struct kvs_span header, uint32_t *width, uint32_t *height);

#endif
