/** The memory that the core asks for on behalf of the clients of one environment, counted. */
#ifndef KVS_ADDON_MEMORY_H
#define KVS_ADDON_MEMORY_H

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "kvs/allocator.h"
#include "ref.h"

namespace kvs_addon {

/**
 * An allocator that knows how much of its memory lives, so that a test sees what was not given
 * back. The core allocates when clients, streams and sessions are made and never for a frame, so
 * that counting costs nothing. Every client made with it holds a reference. Thread: any.
 */
class Memory : public RefCounted {
  public:
    Memory() : allocator_{this, Allocate, Free} {}

    const kvs_allocator *allocator() const { return &allocator_; }
    size_t live_bytes() const { return live_bytes_.load(std::memory_order_relaxed); }

  private:
    ~Memory() override = default;

    /** Stands before each block; its size keeps the block aligned for any type. */
    struct alignas(std::max_align_t) Header {
        size_t size;
    };

    static void *Allocate(void *context, size_t size) {
        if (size > SIZE_MAX - sizeof(Header)) {
            return nullptr;
        }
        auto *header = static_cast<Header *>(std::calloc(1, sizeof(Header) + size));
        if (header == nullptr) {
            return nullptr;
        }
        header->size = size;
        static_cast<Memory *>(context)->live_bytes_.fetch_add(size, std::memory_order_relaxed);
        return header + 1;
    }

    static void Free(void *context, void *pointer) {
        if (pointer == nullptr) {
            return;
        }
        Header *header = static_cast<Header *>(pointer) - 1;
        static_cast<Memory *>(context)->live_bytes_.fetch_sub(header->size,
                                                              std::memory_order_relaxed);
        std::free(header);
    }

    std::atomic<size_t> live_bytes_{0};
    kvs_allocator allocator_;
};

} // namespace kvs_addon

#endif
