# Compiles each public header by itself, as C11 and as C++17, with nothing of native/src in reach
# and every warning an error: whoever includes one may have stricter settings than ours.
include(CheckLanguage)
check_language(CXX)
if(CMAKE_CXX_COMPILER)
  enable_language(CXX)
endif()

function(kvs_check_headers target extension)
  file(GLOB headers RELATIVE ${CMAKE_CURRENT_SOURCE_DIR}/native/include CONFIGURE_DEPENDS
    native/include/kvs/*.h)
  foreach(header IN LISTS headers)
    get_filename_component(name ${header} NAME_WE)
    set(source ${CMAKE_CURRENT_BINARY_DIR}/headers/${name}.${extension})
    # Twice: the second time nothing may be left of it. C wants at least one declaration.
    file(WRITE ${source}.new
      "#include \"${header}\"\n#include \"${header}\"\ntypedef int kvs_header_is_read;\n")
    configure_file(${source}.new ${source} COPYONLY)
    list(APPEND sources ${source})
  endforeach()
  add_library(${target} OBJECT ${sources})
  target_include_directories(${target} PRIVATE native/include)
  set_target_properties(${target} PROPERTIES
    C_STANDARD 11 C_STANDARD_REQUIRED ON CXX_STANDARD 17 CXX_STANDARD_REQUIRED ON
    CXX_EXTENSIONS OFF)
  if(MSVC)
    target_compile_options(${target} PRIVATE /W4 /WX /utf-8)
  else()
    target_compile_options(${target} PRIVATE
      -Wall -Wextra -Wpedantic -Werror
      $<$<COMPILE_LANGUAGE:C>:-Wstrict-prototypes>)
  endif()
endfunction()

kvs_check_headers(kvs_headers_c c)
if(CMAKE_CXX_COMPILER)
  kvs_check_headers(kvs_headers_cxx cc)
endif()
