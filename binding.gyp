{
  "variables": {
    # 1 for processors that fault on unaligned access: node-gyp rebuild --kvs_aligned_memory=1
    "kvs_aligned_memory%": 0
  },
  "target_defaults": {
    "conditions": [
      ["kvs_aligned_memory == 1", {
        "defines": ["KVS_ALIGNED_MEMORY"],
        # Else compilers merge accesses to bytes into wider ones.
        "conditions": [
          ["target_arch == 'arm'", { "cflags": ["-mno-unaligned-access"] }],
          ["target_arch == 'arm64'", { "cflags": ["-mstrict-align"] }]
        ]
      }]
    ],
    # Without tables for exceptions, which nothing here throws: an eighth of the size.
    "cflags": [
      "-fvisibility=hidden", "-ffunction-sections", "-fdata-sections", "-Wall", "-Wextra",
      "-fno-asynchronous-unwind-tables", "-fno-unwind-tables"
    ],
    "cflags_c": ["-std=c11"],
    "configurations": {
      # Node's own flags come after a target's, so that -O3 would win over what is set below.
      "Release": {
        "cflags!": ["-O3", "-fno-omit-frame-pointer"],
        "xcode_settings": { "GCC_GENERATE_DEBUGGING_SYMBOLS": "NO" }
      }
    },
    "xcode_settings": {
      "GCC_C_LANGUAGE_STANDARD": "c11",
      "GCC_SYMBOLS_PRIVATE_EXTERN": "YES",
      "MACOSX_DEPLOYMENT_TARGET": "11.0"
    },
    "msvs_settings": {
      "VCCLCompilerTool": { "AdditionalOptions": ["/utf-8"] }
    }
  },
  "targets": [
    {
      "target_name": "kvs",
      "type": "static_library",
      "sources": ["<!@(node -p \"require('fs').readFileSync('native/sources.txt','utf8').trim()\")"],
      "include_dirs": ["native/include", "native/src"],
      "direct_dependent_settings": { "include_dirs": ["native/include"] },
      "cflags": ["-O2"],
      "xcode_settings": { "GCC_OPTIMIZATION_LEVEL": "2" },
      "msvs_settings": {
        "VCCLCompilerTool": { "AdditionalOptions": ["/std:c11"], "Optimization": 2 }
      }
    },
    {
      "target_name": "kinesis_video_producer",
      "dependencies": ["kvs"],
      "sources": ["<!@(node -p \"require('fs').readFileSync('native/addon/sources.txt','utf8').trim()\")"],
      "include_dirs": ["<!(node -p \"require('node-addon-api').include_dir\")"],
      "defines": [
        "NAPI_VERSION=9",
        "NAPI_DISABLE_CPP_EXCEPTIONS",
        # Electron's memory cage forbids buffers that live outside of it: make them a compile error.
        "NODE_API_NO_EXTERNAL_BUFFERS_ALLOWED",
        # In a worker that is being terminated nothing can be thrown any more.
        "NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS"
      ],
      "cflags": ["-Os"],
      "cflags_cc": ["-std=c++17", "-fno-exceptions"],
      "xcode_settings": {
        "CLANG_CXX_LANGUAGE_STANDARD": "c++17",
        "GCC_ENABLE_CPP_EXCEPTIONS": "NO",
        "GCC_OPTIMIZATION_LEVEL": "s"
      },
      "msvs_settings": {
        "VCCLCompilerTool": { "AdditionalOptions": ["/std:c++17"], "ExceptionHandling": 0, "Optimization": 1 }
      },
      "conditions": [
        ["OS == 'linux' or OS == 'freebsd'", {
          "ldflags": [
            "-Wl,--gc-sections",
            "-Wl,--version-script=<(module_root_dir)/native/addon/exports.map",
            "-Wl,-z,relro,-z,now",
            # No C++ library; see native/addon/cxx_runtime.cc.
            "-Wl,--as-needed"
          ],
          "conditions": [
            # Kernels with pages of 64 KiB, as on some ARM servers, and of 16 KiB, as on a Raspberry Pi 5,
            # which runs programs of 32 bits too. Alignment is padding in the file.
            ["target_arch == 'arm64'", { "ldflags": ["-Wl,-z,max-page-size=65536"] }],
            ["target_arch == 'arm'", { "ldflags": ["-Wl,-z,max-page-size=16384"] }]
          ]
        }],
        ["OS == 'mac'", {
          "xcode_settings": {
            "DEAD_CODE_STRIPPING": "YES",
            "OTHER_LDFLAGS": [
              "-Wl,-exported_symbol,_napi_register_module_v1",
              "-Wl,-exported_symbol,_node_api_module_get_api_version_v1"
            ]
          }
        }]
      ]
    }
  ]
}
