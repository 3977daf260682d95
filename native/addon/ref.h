/** Objects that wraps in several threads share: they live until the last reference is gone. */
#ifndef KVS_ADDON_REF_H
#define KVS_ADDON_REF_H

#include <atomic>
#include <cstdint>
#include <utility>

namespace kvs_addon {

/** What a SharedRef can count. std::shared_ptr would do, but asks for a newer C library than we do.
 */
class RefCounted {
  public:
    RefCounted() = default;
    RefCounted(const RefCounted &) = delete;
    RefCounted &operator=(const RefCounted &) = delete;

    void AddRef() { count_.fetch_add(1, std::memory_order_relaxed); }
    void Release() {
        if (count_.fetch_sub(1, std::memory_order_acq_rel) == 1) {
            delete this;
        }
    }

  protected:
    virtual ~RefCounted() = default;

  private:
    std::atomic<uint32_t> count_{0};
};

/** One reference, or none. A SharedRef itself belongs to one thread. */
template <typename T> class SharedRef {
  public:
    SharedRef() = default;
    explicit SharedRef(T *object) : object_(object) {
        if (object_ != nullptr) {
            object_->AddRef();
        }
    }
    SharedRef(const SharedRef &other) : SharedRef(other.object_) {}
    SharedRef(SharedRef &&other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
    SharedRef &operator=(SharedRef other) noexcept {
        std::swap(object_, other.object_);
        return *this;
    }
    ~SharedRef() { Reset(); }

    void Reset() {
        T *object = std::exchange(object_, nullptr);
        if (object != nullptr) {
            object->Release();
        }
    }

    T *operator->() const { return object_; }
    T *get() const { return object_; }
    explicit operator bool() const { return object_ != nullptr; }

  private:
    T *object_ = nullptr;
};

} // namespace kvs_addon

#endif
