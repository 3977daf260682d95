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

/** The receiver of a call, or nullptr when it is no object of T. */
template <typename T> T *SelfOf(napi_env env, napi_value receiver) {
    const napi_type_tag tag = TypeTag<T>();
    bool is_own = false;
    void *self = nullptr;
    if (napi_check_object_type_tag(env, receiver, &tag, &is_own) != napi_ok || !is_own ||
        napi_unwrap(env, receiver, &self) != napi_ok) {
        return nullptr;
    }
    return static_cast<T *>(self);
}

/** A native method as Node-API calls it: checks the receiver's tag, then calls `kMethod` on it. */
template <typename T, napi_value (T::*kMethod)(const Napi::CallbackInfo &)>
napi_value CallMethod(napi_env env, napi_callback_info raw) {
    Napi::CallbackInfo info(env, raw);
    T *self = SelfOf<T>(env, info.This());
    if (self == nullptr) {
        napi_throw_type_error(env, nullptr, "The method was called on an object of another class");
        return nullptr;
    }
    return (self->*kMethod)(info);
}

/**
 * The same for a method that is called for each frame. Looking up the tag takes a good part of such
 * a call, so the object that passed it last is known by its address: T::Recent says where that is
 * kept. It is the address of an open object of T, which closing forgets, so that nothing else can
 * have it.
 */
template <typename T, napi_value (T::*kMethod)(const Napi::CallbackInfo &)>
napi_value CallHotMethod(napi_env env, napi_callback_info raw) {
    T **recent = T::Recent(env);
    void *self = nullptr;
    {
        Napi::CallbackInfo info(env, raw);
        if (*recent != nullptr && napi_unwrap(env, info.This(), &self) == napi_ok &&
            self == *recent) {
            return ((*recent)->*kMethod)(info);
        }
        T *own = SelfOf<T>(env, info.This());
        if (own != nullptr && own->IsOpen()) {
            *recent = own;
        }
    }
    return CallMethod<T, kMethod>(env, raw);
}

/** Describes a method for Napi::ObjectWrap::DefineClass. */
template <typename T, napi_value (T::*kMethod)(const Napi::CallbackInfo &)>
Napi::ClassPropertyDescriptor<T> Method(const char *name) {
    napi_property_descriptor descriptor = {};
    descriptor.utf8name = name;
    descriptor.method = CallMethod<T, kMethod>;
    return Napi::ClassPropertyDescriptor<T>(descriptor);
}

/** The same for one that is called for each frame. */
template <typename T, napi_value (T::*kMethod)(const Napi::CallbackInfo &)>
Napi::ClassPropertyDescriptor<T> HotMethod(const char *name) {
    napi_property_descriptor descriptor = {};
    descriptor.utf8name = name;
    descriptor.method = CallHotMethod<T, kMethod>;
    return Napi::ClassPropertyDescriptor<T>(descriptor);
}

} // namespace kvs_addon

#endif
