/** A set of objects that know their place in it: leaving it needs neither search nor memory. */
#ifndef KVS_ADDON_MEMBERS_H
#define KVS_ADDON_MEMBERS_H

namespace kvs_addon {

template <typename T> class Members;

/** What an object of class T has in it to be in at most one Members<T>: a base class of T. */
template <typename T> class Member {
    friend class Members<T>;

    T *before_ = nullptr;
    T *after_ = nullptr;
};

/** Thread: that of the objects. */
template <typename T> class Members {
  public:
    /** Any of them; nullptr when there is none. */
    T *first() const { return first_; }

    /** `object` must be in no other set. */
    void Add(T *object) {
        Member<T> *place = object;
        place->before_ = nullptr;
        place->after_ = first_;
        if (first_ != nullptr) {
            static_cast<Member<T> *>(first_)->before_ = object;
        }
        first_ = object;
    }

    /** `object` must be in this set. */
    void Remove(T *object) {
        Member<T> *place = object;
        if (place->before_ == nullptr) {
            first_ = place->after_;
        } else {
            static_cast<Member<T> *>(place->before_)->after_ = place->after_;
        }
        if (place->after_ != nullptr) {
            static_cast<Member<T> *>(place->after_)->before_ = place->before_;
        }
        place->before_ = nullptr;
        place->after_ = nullptr;
    }

  private:
    T *first_ = nullptr;
};

} // namespace kvs_addon

#endif
