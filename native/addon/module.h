#ifndef KVS_ADDON_MODULE_H
#define KVS_ADDON_MODULE_H

#include <napi.h>

#include "client_wrap.h"
#include "members.h"
#include "memory.h"
#include "stream_wrap.h"

namespace kvs_addon {

/**
 * The addon in one environment: the main thread, a worker or an Electron process. What environments
 * share is in shared_core.h.
 *
 * Lifetime: made when the environment first loads the addon, deleted with the environment's
 * instance data. Before that, a cleanup hook closes every handle, because the order in which
 * Node.js finalizes objects then is undefined.
 */
class Module : public Napi::Addon<Module> {
  public:
    Module(Napi::Env env, Napi::Object exports);

    static Module *Of(Napi::Env env) { return env.GetInstanceData<Module>(); }

    /** A new JavaScript object for `client`; empty, with an owned one closed, when that fails. */
    Napi::Value Wrap(Napi::Env env, const NewClient &client);
    /** A new JavaScript object for `stream`; empty, with an owned one closed, when that fails. */
    Napi::Value Wrap(Napi::Env env, const NewStream &stream);

    /** What the constructor of ClientWrap shall hold; empty when a script called it. */
    NewClient TakeNewClient();
    /** What the constructor of StreamWrap shall hold; empty when a script called it. */
    NewStream TakeNewStream();

    /** See CallHotMethod. */
    StreamWrap **recent_stream() { return &recent_stream_; }

    void Attach(ClientWrap *client) { clients_.Add(client); }
    void Detach(ClientWrap *client) { clients_.Remove(client); }

  private:
    Napi::Value CreateClient(const Napi::CallbackInfo &info);
    Napi::Value AttachClient(const Napi::CallbackInfo &info);
    Napi::Value StatusInfo(const Napi::CallbackInfo &info);
    Napi::Value AllocatedBytes(const Napi::CallbackInfo &info);
    void CloseAll();

    SharedRef<Memory> memory_{new Memory};
    Napi::FunctionReference client_class_;
    Napi::FunctionReference stream_class_;
    /** Open handles of clients. */
    Members<ClientWrap> clients_;
    StreamWrap *recent_stream_ = nullptr;
    NewClient new_client_;
    NewStream new_stream_;
};

} // namespace kvs_addon

#endif
