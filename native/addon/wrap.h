/**
 * Calling a method on the object it belongs to, and on no other. A script can borrow a method and
 * call it on anything, or take `constructor` from an object; neither may reinterpret a pointer.
 */
#ifndef KVS_ADDON_WRAP_H
#define KVS_ADDON_WRAP_H

#include <napi.h>

#include <cstdint>

namespace kvs_addon {

/** Marks the objects of one class. The address tells apart two copies of this library in a process.
 */
template <typename T> napi_type_tag TypeTag() {
    static const char anchor = 0;
    return {T::kTypeTag, reinterpret_cast<uintptr_t>(&anchor)};
}

/** A native method as Node-API calls it: checks the receiver's tag, then calls `kMethod` on it. */
template <typename T, napi_value (T::*kMethod)(const Napi::CallbackInfo &)>
napi_value CallMethod(napi_env env, napi_callback_info raw) {
    Napi::CallbackInfo info(env, raw);
    const napi_type_tag tag = TypeTag<T>();
    bool is_own = false;
    void *self = nullptr;
    if (napi_check_object_type_tag(env, info.This(), &tag, &is_own) != napi_ok || !is_own ||
        napi_unwrap(env, info.This(), &self) != napi_ok) {
        napi_throw_type_error(env, nullptr, "The method was called on an object of another class");
        return nullptr;
    }
    return (static_cast<T *>(self)->*kMethod)(info);
}

/** Describes a method for Napi::ObjectWrap::DefineClass. */
template <typename T, napi_value (T::*kMethod)(const Napi::CallbackInfo &)>
Napi::ClassPropertyDescriptor<T> Method(const char *name) {
    napi_property_descriptor descriptor = {};
    descriptor.utf8name = name;
    descriptor.method = CallMethod<T, kMethod>;
    return Napi::ClassPropertyDescriptor<T>(descriptor);
}

} // namespace kvs_addon

#endif
