#include "module.h"

#include <string>

#include "args.h"
#include "values.h"

namespace kvs_addon {

Module::Module(Napi::Env env, Napi::Object exports) {
    client_class_ = Napi::Persistent(ClientWrap::Define(env));
    stream_class_ = Napi::Persistent(StreamWrap::Define(env));
    DefineAddon(exports, {InstanceMethod<&Module::CreateClient>("createClient"),
                          InstanceMethod<&Module::AttachClient>("attachClient"),
                          InstanceMethod<&Module::StatusInfo>("statusInfo"),
                          InstanceMethod<&Module::AllocatedBytes>("allocatedBytes")});
    env.AddCleanupHook([](Module *module) { module->CloseAll(); }, this);
}

void Module::CloseAll() {
    while (ClientWrap *client = clients_.first()) {
        client->Close();
    }
}

/**
 * createClient(storageBytes, maxStreams, spillDirectory, spillBytes) → Client | status number
 *
 * An empty directory stands for no spill.
 */
Napi::Value Module::CreateClient(const Napi::CallbackInfo &info) {
    Napi::Env env = info.Env();
    kvs_client_config config = {};
    config.allocator = memory_->allocator();
    std::string spill_directory;
    if (!ReadUnsigned(env, info[0], &config.storage_bytes) ||
        !ReadUint32(env, info[1], &config.max_streams) ||
        !ReadString(env, info[2], &spill_directory) ||
        !ReadUnsigned(env, info[3], &config.spill_bytes)) {
        return Napi::Number::New(env, KVS_STATUS_INVALID_ARG);
    }
    kvs_spill_io spill = {};
    kvs_status status = KVS_STATUS_SUCCESS;
    if (!spill_directory.empty()) {
        status = kvs_spill_file_open(spill_directory.c_str(), &spill);
        config.spill = &spill;
    }
    if (status != KVS_STATUS_SUCCESS) {
        return Napi::Number::New(env, status);
    }
    kvs_client *client = nullptr;
    status = kvs_client_new(&config, &client);
    if (status == KVS_STATUS_SUCCESS) {
        NewClient made;
        made.client = SharedClient::Share(client, memory_);
        made.owned = true;
        return Wrap(env, made);
    }
    if (config.spill != nullptr) {
        spill.close(spill.context);
    }
    return Napi::Number::New(env, status);
}

/** attachClient(id) → a further handle of a client that another environment made | status number */
Napi::Value Module::AttachClient(const Napi::CallbackInfo &info) {
    Napi::Env env = info.Env();
    uint64_t id = 0;
    if (!ReadUnsigned(env, info[0], &id)) {
        return Napi::Number::New(env, KVS_STATUS_INVALID_ARG);
    }
    NewClient made;
    made.client = SharedClient::Find(id);
    return made.client ? Wrap(env, made) : Napi::Number::New(env, KVS_STATUS_INVALID_HANDLE_ERROR);
}

/** allocatedBytes() → what the core holds for the clients made here, without the stores' pages */
Napi::Value Module::AllocatedBytes(const Napi::CallbackInfo &info) {
    return Napi::Number::New(info.Env(), static_cast<double>(memory_->live_bytes()));
}

Napi::Value Module::Wrap(Napi::Env env, const NewClient &client) {
    new_client_ = client;
    Napi::Value object = client_class_.New({});
    NewClient left = TakeNewClient();
    if (left.client && left.owned) {
        left.client->Close();
    }
    return env.IsExceptionPending() ? Napi::Value() : object;
}

Napi::Value Module::Wrap(Napi::Env env, const NewStream &stream) {
    new_stream_ = stream;
    Napi::Value object = stream_class_.New({});
    NewStream left = TakeNewStream();
    if (left.stream && left.owned) {
        left.stream->Close();
    }
    return env.IsExceptionPending() ? Napi::Value() : object;
}

NewClient Module::TakeNewClient() {
    NewClient client = new_client_;
    new_client_ = {};
    return client;
}

NewStream Module::TakeNewStream() {
    NewStream stream = new_stream_;
    new_stream_ = {};
    return stream;
}

} // namespace kvs_addon

using kvs_addon::Module;
NODE_API_ADDON(Module)
