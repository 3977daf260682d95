#include "kvs/status.h"

#include "args.h"
#include "module.h"
#include "values.h"

namespace kvs_addon {

/** statusInfo(code) → { name, text, retryable } of a status, or of a number that is none */
Napi::Value Module::StatusInfo(const Napi::CallbackInfo &info) {
    uint32_t status = KVS_STATUS_SUCCESS;
    if (!ReadUint32(info.Env(), info[0], &status)) {
        status = KVS_STATUS_INVALID_ARG;
    }
    Record record(info.Env());
    record.Add("name", kvs_status_name(status));
    record.Add("text", kvs_status_text(status));
    record.Add("retryable", kvs_status_is_retryable(status));
    return Napi::Value(info.Env(), record.Finish());
}

} // namespace kvs_addon
