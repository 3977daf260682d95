#ifndef KVS_ADDON_STREAM_WRAP_H
#define KVS_ADDON_STREAM_WRAP_H

#include <napi.h>

#include <cstdint>

#include "clock.h"
#include "kvs/session.h"
#include "kvs/stream.h"

namespace kvs_addon {

class ClientWrap;

/** A stream on its way from the core into the JavaScript object that will own it. */
struct NewStream {
    kvs_stream *stream = nullptr;
    ClientWrap *parent = nullptr;
    uint64_t timecode_scale_ns = 0;
    Clock clock;
};

/**
 * The JavaScript object that owns a stream of the core.
 *
 * Closed by `close()`, by its client, or as the last resort when it is collected. While open it
 * holds a reference to its client's object, so that a client is collected after its streams only.
 * Thread: the environment's.
 *
 * The methods on the way of a frame (putFrame, readSession, ackBytes, takeSignals) make no object:
 * they take and return numbers, two in one where needed (the second times 2^32), and write into
 * memory that JavaScript owns.
 */
class StreamWrap : public Napi::ObjectWrap<StreamWrap> {
  public:
    static constexpr uint64_t kTypeTag = 0xc25d94e60b1f4a37u;

    static Napi::Function Define(Napi::Env env);

    explicit StreamWrap(const Napi::CallbackInfo &info);
    ~StreamWrap();

    /** Destroys the stream of the core and all that it holds in the store. Idempotent. */
    void Close();

  private:
    napi_value PutFrame(const Napi::CallbackInfo &info);
    napi_value PutMetadata(const Napi::CallbackInfo &info);
    napi_value PutEvent(const Napi::CallbackInfo &info);
    napi_value SetCodecPrivate(const Napi::CallbackInfo &info);
    napi_value SetNalAdaptation(const Napi::CallbackInfo &info);
    napi_value OpenSession(const Napi::CallbackInfo &info);
    napi_value ReadSession(const Napi::CallbackInfo &info);
    napi_value AckBytes(const Napi::CallbackInfo &info);
    napi_value CloseSession(const Napi::CallbackInfo &info);
    napi_value IsSettled(const Napi::CallbackInfo &info);
    napi_value Tick(const Napi::CallbackInfo &info);
    napi_value PollEvent(const Napi::CallbackInfo &info);
    napi_value TakeSignals(const Napi::CallbackInfo &info);
    napi_value Metrics(const Napi::CallbackInfo &info);
    napi_value Stop(const Napi::CallbackInfo &info);
    napi_value Reset(const Napi::CallbackInfo &info);
    napi_value ResetConnection(const Napi::CallbackInfo &info);
    napi_value CloseMethod(const Napi::CallbackInfo &info);
    kvs_status PutFrameStatus(const Napi::CallbackInfo &info);
    kvs_status PutEventStatus(const Napi::CallbackInfo &info);
    kvs_status SetCodecPrivateStatus(const Napi::CallbackInfo &info);

    /** nullptr once closed, as is `parent_`. */
    kvs_stream *stream_ = nullptr;
    ClientWrap *parent_ = nullptr;
    Napi::ObjectReference parent_object_;
    uint64_t timecode_scale_ns_ = 0;
    Clock clock_;
};

} // namespace kvs_addon

#endif
