#ifndef KVS_ADDON_CLIENT_WRAP_H
#define KVS_ADDON_CLIENT_WRAP_H

#include <napi.h>

#include <cstdint>

#include "members.h"
#include "shared_core.h"

namespace kvs_addon {

class Module;
class StreamWrap;

/** A client on its way into the JavaScript object that will be a handle of it. */
struct NewClient {
    SharedRef<SharedClient> client;
    bool owned = false;
};

/**
 * The JavaScript object that is a handle of a client of the core: the owner's, or a guest's that
 * has attached from another thread; see shared_core.h.
 *
 * Closed by `close()`, by the environment's cleanup hook, or as the last resort when it is
 * collected; each of them closes its streams first. It points to its streams without owning them,
 * and each open stream keeps it from being collected. Thread: the environment's.
 */
class ClientWrap : public Napi::ObjectWrap<ClientWrap>, public Member<ClientWrap> {
  public:
    static constexpr uint64_t kTypeTag = 0x8f1b3c0e5a7d4e21u;

    static Napi::Function Define(Napi::Env env);

    explicit ClientWrap(const Napi::CallbackInfo &info);
    ~ClientWrap();

    /** Closes the streams, and lets go of the client, which the owner destroys. Idempotent. */
    void Close();

    Module *module() const { return module_; }
    void Attach(StreamWrap *stream);
    void Detach(StreamWrap *stream);

    /** Tells V8 how much memory collecting this object would free: what the store has touched. */
    void ReportMemory();

  private:
    napi_value Id(const Napi::CallbackInfo &info);
    napi_value CreateStream(const Napi::CallbackInfo &info);
    napi_value AttachStream(const Napi::CallbackInfo &info);
    napi_value Metrics(const Napi::CallbackInfo &info);
    napi_value CloseMethod(const Napi::CallbackInfo &info);
    void AdjustMemory(int64_t reported_bytes);

    Module *module_;
    /** None once closed. */
    SharedRef<SharedClient> client_;
    bool owned_ = false;
    Members<StreamWrap> streams_;
    int64_t reported_bytes_ = 0;
};

} // namespace kvs_addon

#endif
