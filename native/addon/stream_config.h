#ifndef KVS_ADDON_STREAM_CONFIG_H
#define KVS_ADDON_STREAM_CONFIG_H

#include <napi.h>

#include <string>
#include <vector>

#include "kvs/stream.h"

namespace kvs_addon {

/**
 * A stream's configuration, read from a plain object that TypeScript made; `NativeStreamConfig` in
 * ts/internal/native.ts lists its keys. Owns all that the core's structure points to.
 */
class StreamConfig {
  public:
    StreamConfig() = default;
    StreamConfig(const StreamConfig &) = delete;
    StreamConfig &operator=(const StreamConfig &) = delete;

    /** False when a property is missing or of the wrong type, or when reading one threw. */
    bool Read(Napi::Value value);

    const kvs_stream_config &core() const { return core_; }

  private:
    struct Track {
        std::string codec_id;
        std::string name;
        std::vector<uint8_t> codec_private;
    };

    bool ReadStream(Napi::Object object);
    bool ReadTracks(Napi::Object object);

    kvs_stream_config core_ = {};
    std::string name_;
    std::string writing_app_;
    std::vector<Track> tracks_;
    std::vector<kvs_mkv_track> core_tracks_;
};

} // namespace kvs_addon

#endif
