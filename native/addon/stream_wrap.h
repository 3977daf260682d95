#ifndef KVS_ADDON_STREAM_WRAP_H
#define KVS_ADDON_STREAM_WRAP_H

#include <napi.h>

#include <cstdint>
#include <vector>

#include "kvs/session.h"
#include "kvs/stream.h"
#include "members.h"
#include "shared_core.h"

namespace kvs_addon {

class ClientWrap;

/** A stream on its way into the JavaScript object that will be a handle of it. */
struct NewStream {
    SharedRef<SharedStream> stream;
    ClientWrap *parent = nullptr;
    bool owned = false;
};

/**
 * The JavaScript object that is a handle of a stream of the core: the owner's, or a guest's that
 * has attached from another thread; see shared_core.h.
 *
 * Closed by `close()`, by its client, or as the last resort when it is collected. While open it
 * holds a reference to its client's object, so that a client is collected after its streams only.
 * Thread: the environment's.
 *
 * The methods on the way of a frame (putFrame, readSession, ackBytes, takeSignals) make no object:
 * they take and return numbers, two in one where needed (the second times 2^32), and write into
 * memory that JavaScript owns.
 */
class StreamWrap : public Napi::ObjectWrap<StreamWrap>, public Member<StreamWrap> {
  public:
    static constexpr uint64_t kTypeTag = 0xc25d94e60b1f4a37u;

    static Napi::Function Define(Napi::Env env);

    explicit StreamWrap(const Napi::CallbackInfo &info);
    ~StreamWrap();

    /**
     * Lets go of the stream, which the owner destroys with all that it holds in the store, and in
     * which a guest ends the sessions it has opened, as if their connections were lost. Idempotent.
     */
    void Close();

    bool IsOpen() const { return static_cast<bool>(stream_); }
    /** Where the stream is kept whose method was called last; see CallHotMethod. */
    static StreamWrap **Recent(napi_env env);

  private:
    napi_value Id(const Napi::CallbackInfo &info);
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
    kvs_status PutFrameStatus(const Napi::CallbackInfo &info, uint32_t *signals);
    kvs_status PutEventStatus(const Napi::CallbackInfo &info);
    kvs_status SetCodecPrivateStatus(const Napi::CallbackInfo &info);

    /**
     * Has `call` use the stream of the core, as SharedStream::Use. A handle whose stream was closed
     * by another thread lets go of it here.
     */
    template <typename Call> bool Use(Call call) {
        if (!stream_) {
            return false;
        }
        if (stream_->Use(call)) {
            return true;
        }
        Close();
        return false;
    }

    /** The same for a call that has a status. */
    template <typename Call> kvs_status Ask(Call call) {
        kvs_status status = KVS_STATUS_INVALID_HANDLE_ERROR;
        Use([&](kvs_stream *stream) { status = call(stream); });
        return status;
    }

    void EndSessions();

    /** None once closed, as is `parent_`. */
    SharedRef<SharedStream> stream_;
    bool owned_ = false;
    ClientWrap *parent_ = nullptr;
    Napi::ObjectReference parent_object_;
    /** The open sessions that this handle has opened. */
    std::vector<uint64_t> sessions_;
};

} // namespace kvs_addon

#endif
