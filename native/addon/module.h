#ifndef KVS_ADDON_MODULE_H
#define KVS_ADDON_MODULE_H

#include <napi.h>

#include <unordered_set>

#include "client_wrap.h"
#include "clock.h"
#include "memory.h"
#include "stream_wrap.h"

namespace kvs_addon {

/**
 * The addon in one environment: the main thread, a worker or an Electron process. Nothing is shared
 * between environments.
 *
 * Lifetime: made when the environment first loads the addon, deleted with the environment's
 * instance data. Before that, a cleanup hook closes every client, because the order in which
 * Node.js finalizes objects then is undefined. Members are destroyed in reverse: `memory_` outlives
 * what it counts.
 */
class Module : public Napi::Addon<Module> {
  public:
    Module(Napi::Env env, Napi::Object exports);

    static Module *Of(Napi::Env env) { return env.GetInstanceData<Module>(); }

    /** The clock of all streams. */
    const Clock &clock() const { return clock_; }

    /** A new JavaScript object that owns `client`; empty, with `client` destroyed, when that fails.
     */
    Napi::Value Wrap(Napi::Env env, kvs_client *client);
    /** A new JavaScript object that owns `stream`; empty, with `stream` destroyed, when that fails.
     */
    Napi::Value Wrap(Napi::Env env, const NewStream &stream);

    /** What the constructor of ClientWrap shall own; nullptr when a script called it. */
    kvs_client *TakeNewClient();
    /** What the constructor of StreamWrap shall own; empty when a script called it. */
    NewStream TakeNewStream();

    void Attach(ClientWrap *client) { clients_.insert(client); }
    void Detach(ClientWrap *client) { clients_.erase(client); }

  private:
    Napi::Value CreateClient(const Napi::CallbackInfo &info);
    Napi::Value StatusInfo(const Napi::CallbackInfo &info);
    Napi::Value AllocatedBytes(const Napi::CallbackInfo &info);
    void CloseAll();

    Memory memory_;
    const Clock clock_;
    Napi::FunctionReference client_class_;
    Napi::FunctionReference stream_class_;
    /** Open clients. */
    std::unordered_set<ClientWrap *> clients_;
    kvs_client *new_client_ = nullptr;
    NewStream new_stream_;
};

} // namespace kvs_addon

#endif
