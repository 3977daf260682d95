# What `cmake --install` puts where: library, headers, CMake package, pkg-config file.
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

install(TARGETS kvs EXPORT kvsTargets
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
  RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(DIRECTORY native/include/kvs DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
  FILES_MATCHING PATTERN "*.h")

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/kvs)
configure_package_config_file(native/cmake/kvsConfig.cmake.in kvsConfig.cmake
  INSTALL_DESTINATION ${package_dir} NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(kvsConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(EXPORT kvsTargets NAMESPACE kvs:: DESTINATION ${package_dir})
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/kvsConfig.cmake
              ${CMAKE_CURRENT_BINARY_DIR}/kvsConfigVersion.cmake
  DESTINATION ${package_dir})

# The prefix is told relative to the file, so that the whole can be moved; folders that do not lie
# in the prefix are told as they are.
set(pc_dir ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
if(IS_ABSOLUTE ${pc_dir})
  set(KVS_PC_PREFIX ${CMAKE_INSTALL_PREFIX})
else()
  # From any folder to its parent: the prefix may be changed when it is installed.
  file(RELATIVE_PATH up ${CMAKE_BINARY_DIR}/${pc_dir} ${CMAKE_BINARY_DIR})
  string(REGEX REPLACE "/$" "" up ${up})
  set(KVS_PC_PREFIX "\${pcfiledir}/${up}")
endif()
foreach(dir INCLUDEDIR LIBDIR)
  set(KVS_PC_${dir} ${CMAKE_INSTALL_${dir}})
  if(NOT IS_ABSOLUTE ${CMAKE_INSTALL_${dir}})
    set(KVS_PC_${dir} "\${prefix}/${CMAKE_INSTALL_${dir}}")
  endif()
endforeach()
# A shared library knows by itself what it needs.
set(KVS_PC_LIBS "")
if(NOT BUILD_SHARED_LIBS AND CMAKE_THREAD_LIBS_INIT)
  set(KVS_PC_LIBS " ${CMAKE_THREAD_LIBS_INIT}")
endif()
configure_file(native/cmake/kinesis-video-producer.pc.in kinesis-video-producer.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/kinesis-video-producer.pc DESTINATION ${pc_dir})
