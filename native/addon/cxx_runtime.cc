/**
 * The few functions that code of the C++ library in headers calls, so that on Linux the addon needs
 * no C++ library: not one of a certain version, which an older system lacks, nor of a certain kind,
 * which differ between systems. check-addon.sh sees to it that nothing else is needed.
 *
 * The version script keeps them in the addon: those of Node.js and of other addons stay theirs.
 */
#ifdef __linux__

#include <cstddef>
#include <cstdlib>
#include <new>
#include <string>

/* What runs out of memory here are handles and texts of some bytes: as without exceptions anyway,
 * the process ends. The core answers with a status instead. */
void *operator new(std::size_t size) {
    void *memory = std::malloc(size > 0 ? size : 1);
    if (memory == nullptr) {
        std::abort();
    }
    return memory;
}

void *operator new[](std::size_t size) { return operator new(size); }

void *operator new(std::size_t size, const std::nothrow_t & /*tag*/) noexcept {
    return std::malloc(size > 0 ? size : 1);
}

void *operator new[](std::size_t size, const std::nothrow_t &tag) noexcept {
    return operator new(size, tag);
}

void operator delete(void *memory) noexcept { std::free(memory); }
void operator delete[](void *memory) noexcept { std::free(memory); }
void operator delete(void *memory, std::size_t /*size*/) noexcept { std::free(memory); }
void operator delete[](void *memory, std::size_t /*size*/) noexcept { std::free(memory); }

/* Compilers take these from the library, where the header says so. */
template class std::basic_string<char>;

/* Where the library would throw. Nothing here asks for what is too long or out of range. */
#if defined(__GLIBCXX__)

namespace std {

const nothrow_t nothrow = nothrow_t{};

void __throw_bad_alloc() { abort(); }
void __throw_bad_array_new_length() { abort(); }
void __throw_length_error(const char * /*what*/) { abort(); }
void __throw_logic_error(const char * /*what*/) { abort(); }
void __throw_out_of_range_fmt(const char * /*format*/, ...) { abort(); }

} // namespace std

#elif defined(_LIBCPP_VERSION)

const std::nothrow_t std::nothrow = std::nothrow_t{};

[[noreturn]] void std::__libcpp_verbose_abort(const char * /*format*/, ...) { std::abort(); }

#endif

#endif
