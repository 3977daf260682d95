#include "client_wrap.h"

#include "args.h"
#include "module.h"
#include "stream_config.h"
#include "stream_wrap.h"
#include "values.h"
#include "wrap.h"

namespace kvs_addon {

Napi::Function ClientWrap::Define(Napi::Env env) {
    return DefineClass(env, "NativeClient",
                       {Method<ClientWrap, &ClientWrap::Id>("id"),
                        Method<ClientWrap, &ClientWrap::CreateStream>("createStream"),
                        Method<ClientWrap, &ClientWrap::AttachStream>("attachStream"),
                        Method<ClientWrap, &ClientWrap::Metrics>("metrics"),
                        Method<ClientWrap, &ClientWrap::CloseMethod>("close")});
}

ClientWrap::ClientWrap(const Napi::CallbackInfo &info)
    : Napi::ObjectWrap<ClientWrap>(info), module_(Module::Of(info.Env())) {
    NewClient made = module_->TakeNewClient();
    client_ = made.client;
    owned_ = made.owned;
    if (!client_) {
        napi_throw_type_error(info.Env(), nullptr, "A client is made by createClient()");
        return;
    }
    const napi_type_tag tag = TypeTag<ClientWrap>();
    napi_type_tag_object(info.Env(), info.This(), &tag);
    module_->Attach(this);
}

ClientWrap::~ClientWrap() { Close(); }

void ClientWrap::Close() {
    if (!client_) {
        return;
    }
    while (StreamWrap *stream = streams_.first()) {
        stream->Close();
    }
    if (owned_) {
        client_->Close();
    }
    client_.Reset();
    AdjustMemory(0);
    module_->Detach(this);
}

void ClientWrap::Attach(StreamWrap *stream) { streams_.Add(stream); }

void ClientWrap::Detach(StreamWrap *stream) { streams_.Remove(stream); }

/** id() → what attachClient() takes in another thread; 0 once closed */
napi_value ClientWrap::Id(const Napi::CallbackInfo &info) {
    return Number(info.Env(), client_ ? static_cast<double>(client_->id()) : 0);
}

/** createStream(config) → Stream | status number */
napi_value ClientWrap::CreateStream(const Napi::CallbackInfo &info) {
    Napi::Env env = info.Env();
    StreamConfig config;
    if (!config.Read(info[0])) {
        return Number(env, KVS_STATUS_INVALID_ARG);
    }
    // Only now: reading the configuration ran getters, and one of them may have closed the client.
    if (!client_) {
        return Number(env, KVS_STATUS_INVALID_HANDLE_ERROR);
    }
    NewStream made;
    made.parent = this;
    made.owned = true;
    kvs_status status = client_->CreateStream(config.core(), &made.stream);
    return status == KVS_STATUS_SUCCESS ? module_->Wrap(env, made) : Number(env, status);
}

/** attachStream(id) → a further handle of the stream | status number */
napi_value ClientWrap::AttachStream(const Napi::CallbackInfo &info) {
    Napi::Env env = info.Env();
    uint64_t id = 0;
    if (!ReadUnsigned(env, info[0], &id)) {
        return Number(env, KVS_STATUS_INVALID_ARG);
    }
    NewStream made;
    made.parent = this;
    made.stream = client_ ? client_->FindStream(id) : SharedRef<SharedStream>();
    return made.stream ? module_->Wrap(env, made) : Number(env, KVS_STATUS_INVALID_HANDLE_ERROR);
}

/** metrics() → counters of the store | status number */
napi_value ClientWrap::Metrics(const Napi::CallbackInfo &info) {
    if (!client_) {
        return Number(info.Env(), KVS_STATUS_INVALID_HANDLE_ERROR);
    }
    ReportMemory();
    struct kvs_client_metrics metrics = {};
    kvs_status status = client_->Metrics(&metrics);
    return status == KVS_STATUS_SUCCESS ? ClientMetricsToValue(info.Env(), metrics)
                                        : Number(info.Env(), status);
}

/** close() */
napi_value ClientWrap::CloseMethod(const Napi::CallbackInfo &info) {
    Close();
    return Undefined(info.Env());
}

void ClientWrap::ReportMemory() {
    struct kvs_client_metrics metrics = {};
    // Collecting a guest's handle frees nothing.
    if (client_ && owned_ && client_->Metrics(&metrics) == KVS_STATUS_SUCCESS) {
        AdjustMemory(static_cast<int64_t>(metrics.storage_peak_bytes));
    }
}

void ClientWrap::AdjustMemory(int64_t reported_bytes) {
    int64_t total = 0;
    napi_adjust_external_memory(Env(), reported_bytes - reported_bytes_, &total);
    reported_bytes_ = reported_bytes;
}

} // namespace kvs_addon
