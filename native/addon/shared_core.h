/**
 * Clients and streams of the core as threads share them.
 *
 * A client has an opaque id, by which another environment of the process attaches to it, and so has
 * each of its streams. The handle that made an object owns it, the others are guests:
 *
 * - When the owner closes, by `close()`, with its environment or when it is collected, the object
 *   of the core is destroyed at once. A call that another thread is making then is waited for; each
 *   later one finds the object closed. So a name is free, and memory is given back, when `close()`
 *   returns, whatever the other threads do.
 * - When a guest closes, nothing happens to the object. What the guest has begun, its sessions,
 *   ends.
 *
 * What is left of a closed object, the shell with its lock, lives until the last handle lets go.
 *
 * Threads: any. An object's lock is held while the core is called and never while JavaScript runs,
 * so that a wait for it is short. Order of locks: registry, client, stream, core; Close() takes one
 * after the other instead.
 */
#ifndef KVS_ADDON_SHARED_CORE_H
#define KVS_ADDON_SHARED_CORE_H

#include <cstdint>
#include <vector>

#include "clock.h"
#include "kvs/client.h"
#include "kvs/stream.h"
#include "lock.h"
#include "memory.h"
#include "ref.h"

namespace kvs_addon {

class SharedStream;

/** A client of the core. */
class SharedClient : public RefCounted {
  public:
    /** Shares `client`, whose memory `memory` counts, under an id of its own. */
    static SharedRef<SharedClient> Share(kvs_client *client, SharedRef<Memory> memory);
    /** The open client of that id; none when there is none. */
    static SharedRef<SharedClient> Find(uint64_t id);

    uint64_t id() const { return id_; }
    /** The clock of all its streams, the same in every thread. */
    const Clock &clock() const { return clock_; }

    /** Destroys its streams and the client, for everybody. Idempotent. */
    void Close();

    kvs_status CreateStream(const kvs_stream_config &config, SharedRef<SharedStream> *stream);
    /** The open stream of that id; none when there is none. */
    SharedRef<SharedStream> FindStream(uint64_t id);
    /** Forgets a stream that is closed. */
    void Forget(SharedStream *stream);

    kvs_status Metrics(struct kvs_client_metrics *metrics);

  private:
    SharedClient(kvs_client *client, SharedRef<Memory> memory)
        : memory_(std::move(memory)), core_(client) {}
    ~SharedClient() override = default;

    SharedRef<Memory> memory_;
    const Clock clock_;
    uint64_t id_ = 0;
    /** Links of the registry, guarded by its lock. */
    SharedClient *next_ = nullptr;

    Lock lock_;
    /** nullptr once closed. */
    kvs_client *core_;
    std::vector<SharedRef<SharedStream>> streams_;

    friend class Registry;
};

/** A stream of the core. */
class SharedStream : public RefCounted {
  public:
    SharedStream(SharedRef<SharedClient> client, kvs_stream *stream, uint64_t id,
                 uint64_t timecode_scale_ns)
        : client_(std::move(client)), id_(id), timecode_scale_ns_(timecode_scale_ns),
          core_(stream) {}

    uint64_t id() const { return id_; }
    int64_t Now() const { return client_->clock().Now(); }
    const Clock &clock() const { return client_->clock(); }
    uint64_t timecode_scale_ns() const { return timecode_scale_ns_; }

    /**
     * Has `call`, a function of a kvs_stream *, use the stream of the core, which lives meanwhile.
     * It must not run JavaScript. False, and nothing happens, once the stream is closed.
     */
    template <typename Call> bool Use(Call call) {
        Guard guard(lock_);
        if (core_ == nullptr) {
            return false;
        }
        call(core_);
        return true;
    }

    /** Destroys the stream and all that it holds in the store, for everybody. Idempotent. */
    void Close();

  private:
    ~SharedStream() override = default;

    /** Outlives the stream, as the core demands; see SharedClient::Close. */
    const SharedRef<SharedClient> client_;
    const uint64_t id_;
    const uint64_t timecode_scale_ns_;

    Lock lock_;
    /** nullptr once closed. */
    kvs_stream *core_;
};

} // namespace kvs_addon

#endif
