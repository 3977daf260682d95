#include "client_wrap.h"

#include "module.h"
#include "stream_config.h"
#include "stream_wrap.h"
#include "values.h"
#include "wrap.h"

namespace kvs_addon {

Napi::Function ClientWrap::Define(Napi::Env env) {
    return DefineClass(env, "NativeClient",
                       {Method<ClientWrap, &ClientWrap::CreateStream>("createStream"),
                        Method<ClientWrap, &ClientWrap::Metrics>("metrics"),
                        Method<ClientWrap, &ClientWrap::CloseMethod>("close")});
}

ClientWrap::ClientWrap(const Napi::CallbackInfo &info)
    : Napi::ObjectWrap<ClientWrap>(info), module_(Module::Of(info.Env())),
      client_(module_->TakeNewClient()) {
    if (client_ == nullptr) {
        napi_throw_type_error(info.Env(), nullptr, "A client is made by createClient()");
        return;
    }
    napi_type_tag_object(info.Env(), info.This(), &TypeTag<ClientWrap>());
    module_->Attach(this);
}

ClientWrap::~ClientWrap() { Close(); }

void ClientWrap::Close() {
    if (client_ == nullptr) {
        return;
    }
    while (!streams_.empty()) {
        (*streams_.begin())->Close();
    }
    kvs_client_destroy(client_);
    client_ = nullptr;
    AdjustMemory(0);
    module_->Detach(this);
}

/** createStream(config) → Stream | status number */
napi_value ClientWrap::CreateStream(const Napi::CallbackInfo &info) {
    Napi::Env env = info.Env();
    StreamConfig config;
    if (!config.Read(info[0])) {
        return Number(env, KVS_STATUS_INVALID_ARG);
    }
    // Only now: reading the configuration ran getters, and one of them may have closed the client.
    if (client_ == nullptr) {
        return Number(env, KVS_STATUS_INVALID_HANDLE_ERROR);
    }
    NewStream made;
    made.parent = this;
    made.timecode_scale_ns = config.core().timecode_scale_ns;
    made.clock = module_->clock();
    kvs_status status = kvs_stream_new(client_, &config.core(), made.clock.Now(), &made.stream);
    if (status != KVS_STATUS_SUCCESS) {
        return Number(env, status);
    }
    return module_->Wrap(env, made);
}

/** metrics() → counters of the store | status number */
napi_value ClientWrap::Metrics(const Napi::CallbackInfo &info) {
    if (client_ == nullptr) {
        return Number(info.Env(), KVS_STATUS_INVALID_HANDLE_ERROR);
    }
    ReportMemory();
    struct kvs_client_metrics metrics = {};
    kvs_status status = kvs_client_metrics(client_, &metrics);
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
    if (client_ != nullptr && kvs_client_metrics(client_, &metrics) == KVS_STATUS_SUCCESS) {
        AdjustMemory(static_cast<int64_t>(metrics.storage_peak_bytes));
    }
}

void ClientWrap::AdjustMemory(int64_t reported_bytes) {
    int64_t total = 0;
    napi_adjust_external_memory(Env(), reported_bytes - reported_bytes_, &total);
    reported_bytes_ = reported_bytes;
}

} // namespace kvs_addon
