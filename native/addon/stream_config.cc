#include "stream_config.h"

#include <cstring>

#include "args.h"

namespace kvs_addon {
namespace {

/** More tracks than the core takes; what is beyond it need not be read to be refused. */
constexpr uint32_t kMaxTracksRead = 16;

/** Reads properties of one object; after the first failure `ok` is false and the rest are skipped.
 */
class PropertyReader {
  public:
    explicit PropertyReader(Napi::Object object) : env_(object.Env()), object_(object) {}

    bool ok() const { return ok_; }

    napi_value Get(const char *name) {
        napi_value value = nullptr;
        ok_ = ok_ && napi_get_named_property(env_, object_, name, &value) == napi_ok;
        return value;
    }

    uint64_t Unsigned(const char *name) {
        uint64_t number = 0;
        napi_value value = Get(name);
        ok_ = ok_ && ReadUnsigned(env_, value, &number);
        return number;
    }

    uint32_t Uint32(const char *name) {
        uint32_t number = 0;
        napi_value value = Get(name);
        ok_ = ok_ && ReadUint32(env_, value, &number);
        return number;
    }

    double Double(const char *name) {
        double number = 0;
        napi_value value = Get(name);
        ok_ = ok_ && napi_get_value_double(env_, value, &number) == napi_ok;
        return number;
    }

    int64_t Nanos(const char *name) {
        int64_t nanos = 0;
        napi_value value = Get(name);
        ok_ = ok_ && ReadNanos(env_, value, &nanos);
        return nanos;
    }

    bool Bool(const char *name) {
        bool flag = false;
        napi_value value = Get(name);
        ok_ = ok_ && napi_get_value_bool(env_, value, &flag) == napi_ok;
        return flag;
    }

    /** A number of an enumeration; the core refuses those that it does not know. */
    template <typename Enum> Enum Choice(const char *name) {
        return static_cast<Enum>(Uint32(name));
    }

    std::string String(const char *name) {
        std::string text;
        napi_value value = Get(name);
        ok_ = ok_ && ReadString(env_, value, &text);
        return text;
    }

    std::vector<uint8_t> Copy(const char *name) {
        Bytes bytes;
        napi_value value = Get(name);
        ok_ = ok_ && ReadBytes(env_, value, &bytes);
        return ok_ ? std::vector<uint8_t>(bytes.data, bytes.data + bytes.len)
                   : std::vector<uint8_t>();
    }

  private:
    Napi::Env env_;
    Napi::Object object_;
    bool ok_ = true;
};

} // namespace

bool StreamConfig::Read(Napi::Value value) {
    if (!value.IsObject()) {
        return false;
    }
    Napi::Object object = value.As<Napi::Object>();
    return ReadStream(object) && ReadTracks(object);
}

bool StreamConfig::ReadStream(Napi::Object object) {
    PropertyReader reader(object);
    name_ = reader.String("name");
    writing_app_ = reader.String("writingApp");
    core_.name = name_.c_str();
    core_.writing_app = writing_app_.c_str();
    core_.streaming_type = reader.Choice<kvs_streaming_type>("streamingType");
    core_.store_pressure =
        reader.Bool("dropOldest") ? KVS_STORE_PRESSURE_DROP_OLDEST : KVS_STORE_PRESSURE_FAIL;
    core_.fragment_acks = reader.Bool("fragmentAcks");
    core_.retained = reader.Bool("retained");
    core_.absolute_timecodes = reader.Bool("absoluteTimecodes");
    core_.key_frame_fragmentation = reader.Bool("keyFrameFragmentation");
    core_.fragment_duration_ns = reader.Nanos("fragmentDuration");
    core_.buffer_duration_ns = reader.Nanos("bufferDuration");
    core_.replay_duration_ns = reader.Nanos("replayDuration");
    core_.replay_point = reader.Choice<kvs_replay_point>("replayPoint");
    core_.max_latency_ns = reader.Nanos("maxLatency");
    core_.staleness_ns = reader.Nanos("staleness");
    core_.idle_ns = reader.Nanos("idleTimeout");
    core_.frame_order = reader.Choice<kvs_frame_order>("frameOrder");
    core_.order_window_ns = reader.Nanos("orderWindow");
    core_.timestamp_policy = reader.Choice<kvs_timestamp_policy>("timestampPolicy");
    int64_t timecode_scale_ns = reader.Nanos("timecodeScale");
    core_.timecode_scale_ns = timecode_scale_ns > 0 ? static_cast<uint64_t>(timecode_scale_ns) : 0;
    core_.nal_adaptation = reader.Uint32("nalAdaptation");
    core_.max_frames = reader.Uint32("maxFrames");
    core_.high_water_bytes = reader.Uint32("highWaterMark");
    std::vector<uint8_t> uid = reader.Copy("segmentUid");
    if (!reader.ok() || uid.size() != sizeof core_.segment_uid) {
        return false;
    }
    std::memcpy(core_.segment_uid, uid.data(), uid.size());
    return true;
}

bool StreamConfig::ReadTracks(Napi::Object object) {
    napi_env env = object.Env();
    napi_value list = nullptr;
    bool is_array = false;
    uint32_t count = 0;
    if (napi_get_named_property(env, object, "tracks", &list) != napi_ok ||
        napi_is_array(env, list, &is_array) != napi_ok || !is_array ||
        napi_get_array_length(env, list, &count) != napi_ok || count > kMaxTracksRead) {
        return false;
    }
    // No reallocation: the core's tracks point into these.
    tracks_.resize(count);
    core_tracks_.resize(count);
    for (uint32_t i = 0; i < count; i++) {
        napi_value item = nullptr;
        if (napi_get_element(env, list, i, &item) != napi_ok ||
            !Napi::Value(env, item).IsObject()) {
            return false;
        }
        PropertyReader reader(Napi::Object(env, item));
        Track &own = tracks_[i];
        kvs_mkv_track &track = core_tracks_[i];
        own.codec_id = reader.String("codecId");
        own.name = reader.String("trackName");
        own.codec_private = reader.Copy("codecPrivateData");
        track.codec_id = own.codec_id.c_str();
        track.name = own.name.c_str();
        track.codec_private = kvs_span_of(own.codec_private.data(), own.codec_private.size());
        track.track_id = reader.Unsigned("trackId");
        track.type = static_cast<kvs_track_type>(reader.Uint32("trackType"));
        track.width = reader.Uint32("width");
        track.height = reader.Uint32("height");
        track.sampling_frequency = reader.Double("samplingFrequency");
        track.channels = reader.Uint32("channels");
        track.bit_depth = reader.Uint32("bitDepth");
        if (!reader.ok()) {
            return false;
        }
    }
    core_.tracks = core_tracks_.data();
    core_.track_count = count;
    return true;
}

} // namespace kvs_addon
