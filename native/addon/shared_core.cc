#include "shared_core.h"

#include <algorithm>
#include <utility>

namespace kvs_addon {

/**
 * The open clients of the process, and the ids: the only thing that environments have in common. It
 * has neither a constructor nor a destructor that runs, since threads load and unload the addon.
 */
class Registry {
  public:
    void Add(SharedClient *client) {
        Guard guard(lock_);
        client->id_ = NewIdLocked();
        client->AddRef();
        client->next_ = first_;
        first_ = client;
    }

    void Remove(SharedClient *client) {
        Guard guard(lock_);
        SharedClient **link = &first_;
        while (*link != nullptr && *link != client) {
            link = &(*link)->next_;
        }
        if (*link != nullptr) {
            *link = client->next_;
            // The caller holds a reference of its own.
            client->Release();
        }
    }

    SharedRef<SharedClient> Find(uint64_t id) {
        Guard guard(lock_);
        SharedClient *client = first_;
        while (client != nullptr && client->id_ != id) {
            client = client->next_;
        }
        return SharedRef<SharedClient>(client);
    }

    uint64_t NewId() {
        Guard guard(lock_);
        return NewIdLocked();
    }

  private:
    /**
     * A count, scrambled so that a number that is wrong by a little, or that is of another process,
     * is no id. Each step is one to one, so that no id comes twice; 53 bits fit a double.
     */
    uint64_t NewIdLocked() {
        constexpr uint64_t kMask = (UINT64_C(1) << 53) - 1;
        if (key_ == 0) {
            key_ = (static_cast<uint64_t>(SystemNanos()) * 0x9e3779b97f4a7c15u) ^
                   static_cast<uint64_t>(SteadyNanos()) ^ reinterpret_cast<uintptr_t>(this);
        }
        uint64_t id = 0;
        do {
            count_++;
            id = ((count_ * 0xbf58476d1ce4e5b9u) ^ key_) & kMask;
            id = (id ^ (id >> 27)) * 0x94d049bb133111ebu & kMask;
        } while (id == 0);
        return id;
    }

    Lock lock_;
    SharedClient *first_ = nullptr;
    uint64_t key_ = 0;
    uint64_t count_ = 0;
};

namespace {

Registry registry;

} // namespace

SharedRef<SharedClient> SharedClient::Share(kvs_client *client, SharedRef<Memory> memory) {
    SharedRef<SharedClient> shared(new SharedClient(client, std::move(memory)));
    registry.Add(shared.get());
    return shared;
}

SharedRef<SharedClient> SharedClient::Find(uint64_t id) { return registry.Find(id); }

void SharedClient::Close() {
    registry.Remove(this);
    kvs_client *core = nullptr;
    std::vector<SharedRef<SharedStream>> streams;
    {
        Guard guard(lock_);
        core = std::exchange(core_, nullptr);
        streams.swap(streams_);
    }
    // A stream that another thread is just closing is waited for.
    for (const SharedRef<SharedStream> &stream : streams) {
        stream->Close();
    }
    kvs_client_destroy(core);
}

kvs_status SharedClient::CreateStream(const kvs_stream_config &config,
                                      SharedRef<SharedStream> *stream) {
    Guard guard(lock_);
    if (core_ == nullptr) {
        return KVS_STATUS_INVALID_HANDLE_ERROR;
    }
    kvs_stream *made = nullptr;
    kvs_status status = kvs_stream_new(core_, &config, clock_.Now(), &made);
    if (status != KVS_STATUS_SUCCESS) {
        return status;
    }
    *stream = SharedRef<SharedStream>(new SharedStream(SharedRef<SharedClient>(this), made,
                                                       registry.NewId(), config.timecode_scale_ns));
    streams_.push_back(*stream);
    return KVS_STATUS_SUCCESS;
}

SharedRef<SharedStream> SharedClient::FindStream(uint64_t id) {
    Guard guard(lock_);
    for (const SharedRef<SharedStream> &stream : streams_) {
        if (stream->id() == id) {
            return stream;
        }
    }
    return {};
}

void SharedClient::Forget(SharedStream *stream) {
    SharedRef<SharedStream> forgotten;
    Guard guard(lock_);
    auto found = std::find_if(streams_.begin(), streams_.end(), [stream](const auto &candidate) {
        return candidate.get() == stream;
    });
    if (found != streams_.end()) {
        forgotten = std::move(*found);
        streams_.erase(found);
    }
}

kvs_status SharedClient::Metrics(struct kvs_client_metrics *metrics) {
    Guard guard(lock_);
    if (core_ == nullptr) {
        return KVS_STATUS_INVALID_HANDLE_ERROR;
    }
    return kvs_client_metrics(core_, metrics);
}

void SharedStream::Close() {
    {
        // Under the lock, so that whoever finds the stream closed can take it as destroyed.
        Guard guard(lock_);
        kvs_stream_destroy(std::exchange(core_, nullptr));
    }
    client_->Forget(this);
}

} // namespace kvs_addon
