/*
 * Every status of the producer, once: name, code, text. The codes and names are the service's.
 *
 * KVS_STATUS_TABLE(X) calls X(NAME, code, "text") for each status but success, by ascending code,
 * on which the look-up in status.c relies. KVS_STATUS_ALIAS_TABLE(X) calls X(ALIAS, NAME) for each
 * further spelling in the service's guide. Names come without STATUS_. A row is one line, so that a
 * search shows it whole.
 */
#ifndef KVS_STATUS_TABLE_H
#define KVS_STATUS_TABLE_H

/* clang-format off */
/* Arguments, files, threads, memory. */
#define KVS_STATUS_TABLE_BASE(X) \
    X(NULL_ARG, 0x00000001u, "A required argument was missing; pass a value for it.") \
    X(INVALID_ARG, 0x00000002u, "An argument has a value that is not allowed; check it against the documented type and range.") \
    X(INVALID_ARG_LEN, 0x00000003u, "An argument is too short or too long; check its length against the documented limit.") \
    X(NOT_ENOUGH_MEMORY, 0x00000004u, "The system refused to give memory; use a smaller storage size, fewer streams, or free memory on the device.") \
    X(BUFFER_TOO_SMALL, 0x00000005u, "The output buffer cannot hold the result; call again with a larger buffer.") \
    X(UNEXPECTED_EOF, 0x00000006u, "The input ended in the middle of an item; the file or message is truncated, so obtain it again.") \
    X(FORMAT_ERROR, 0x00000007u, "The input does not have the expected format; check that it is of the declared type and undamaged.") \
    X(INVALID_HANDLE_ERROR, 0x00000008u, "The client, stream or upload is not open; it was closed already or never created.") \
    X(OPEN_FILE_FAILED, 0x00000009u, "A file could not be opened; check that the path exists and that the process may read it.") \
    X(READ_FILE_FAILED, 0x0000000au, "Reading from a file failed; check the disk and that no other program truncated the file.") \
    X(WRITE_TO_FILE_FAILED, 0x0000000bu, "Writing to a file failed; check free space and write permission.") \
    X(INTERNAL_ERROR, 0x0000000cu, "A rule that the producer relies on was broken; recreate the stream and report this as a defect.") \
    X(INVALID_OPERATION, 0x0000000du, "The call is not allowed in the present state; check the order of calls, for example use after close.") \
    X(NOT_IMPLEMENTED, 0x0000000eu, "This function or combination of options is not supported; choose another one.") \
    X(OPERATION_TIMED_OUT, 0x0000000fu, "The operation did not finish in the time allowed; check the network or allow more time.") \
    X(NOT_FOUND, 0x00000010u, "Nothing with that name or number exists; check its spelling and that it was added.") \
    X(CREATE_THREAD_FAILED, 0x00000011u, "A thread could not be started; the system may be out of threads or memory.") \
    X(THREAD_NOT_ENOUGH_RESOURCES, 0x00000012u, "The system has no resources for another thread; run fewer of them or raise the limit.") \
    X(THREAD_INVALID_ARG, 0x00000013u, "The system rejected the settings of a new thread, such as its stack size; correct them.") \
    X(THREAD_PERMISSIONS, 0x00000014u, "The process may not create a thread with the scheduling asked for; grant the right or use the default.") \
    X(THREAD_DEADLOCKED, 0x00000015u, "Waiting for that thread would never end, because it waits for the caller; wait from another thread.") \
    X(THREAD_DOES_NOT_EXIST, 0x00000016u, "The thread has ended already or never existed; check the thread that is referred to.") \
    X(JOIN_THREAD_FAILED, 0x00000017u, "Waiting for the end of a thread failed; check that nobody else joined or detached it.") \
    X(WAIT_FAILED, 0x00000018u, "Waiting on a condition failed in the system; the lock or condition may have been destroyed early.") \
    X(CANCEL_THREAD_FAILED, 0x00000019u, "A thread could not be cancelled; it may have ended already.") \
    X(THREAD_IS_NOT_JOINABLE, 0x0000001au, "The thread was detached or joined before, so it cannot be waited for again.") \
    X(DETACH_THREAD_FAILED, 0x0000001bu, "A thread could not be detached; it may have ended or have been detached before.") \
    X(THREAD_ATTR_INIT_FAILED, 0x0000001cu, "The settings of a new thread could not be initialised; the system is probably out of memory.") \
    X(THREAD_ATTR_SET_STACK_SIZE_FAILED, 0x0000001du, "The stack size asked for a thread was refused; use one that the system allows.") \
    X(MEMORY_NOT_FREED, 0x0000001eu, "Memory was still in use when its owner was closed; this is a leak, so report it as a defect.") \
    X(INVALID_THREAD_PARAMS_VERSION, 0x0000001fu, "The version of the thread parameters is not known; use the headers of the library you link to.")
/* Content store, profiler. */
#define KVS_STATUS_TABLE_HEAP(X) \
    X(HEAP_FLAGS_ERROR, 0x10000001u, "The kinds of storage asked for cannot be combined; choose one kind.") \
    X(HEAP_NOT_INITIALIZED, 0x10000002u, "The content store is used before it was set up; create the client first.") \
    X(HEAP_CORRUPTED, 0x10000003u, "The content store is damaged: something wrote outside its block; recreate the client and report this as a defect.") \
    X(HEAP_VRAM_LIB_MISSING, 0x10000004u, "The video-memory library was not found; video memory is not supported here, so store in main memory.") \
    X(HEAP_VRAM_LIB_REOPEN, 0x10000005u, "The video-memory library could not be opened again; store in main memory instead.") \
    X(HEAP_VRAM_INIT_FUNC_SYMBOL, 0x10000006u, "The video-memory library has no initialise function; store in main memory instead.") \
    X(HEAP_VRAM_ALLOC_FUNC_SYMBOL, 0x10000007u, "The video-memory library has no allocate function; store in main memory instead.") \
    X(HEAP_VRAM_FREE_FUNC_SYMBOL, 0x10000008u, "The video-memory library has no free function; store in main memory instead.") \
    X(HEAP_VRAM_LOCK_FUNC_SYMBOL, 0x10000009u, "The video-memory library has no lock function; store in main memory instead.") \
    X(HEAP_VRAM_UNLOCK_FUNC_SYMBOL, 0x1000000au, "The video-memory library has no unlock function; store in main memory instead.") \
    X(HEAP_VRAM_UNINIT_FUNC_SYMBOL, 0x1000000bu, "The video-memory library has no shut-down function; store in main memory instead.") \
    X(HEAP_VRAM_GETMAX_FUNC_SYMBOL, 0x1000000cu, "The video-memory library has no function that tells its size; store in main memory instead.") \
    X(HEAP_DIRECT_MEM_INIT, 0x1000000du, "The main-memory part of a mixed store could not be set up; use a smaller storage size.") \
    X(HEAP_VRAM_INIT_FAILED, 0x1000000eu, "Video memory could not be initialised; store in main memory instead.") \
    X(HEAP_LIBRARY_FREE_FAILED, 0x1000000fu, "The video-memory library could not be unloaded; end the process to release it.") \
    X(HEAP_VRAM_ALLOC_FAILED, 0x10000010u, "Video memory is exhausted; use less of it or store in main memory.") \
    X(HEAP_VRAM_FREE_FAILED, 0x10000011u, "Video memory could not be given back; end the process to release it.") \
    X(HEAP_VRAM_MAP_FAILED, 0x10000012u, "Video memory could not be made visible to the process; store in main memory instead.") \
    X(HEAP_VRAM_UNMAP_FAILED, 0x10000013u, "Video memory could not be unmapped; end the process to release it.") \
    X(HEAP_VRAM_UNINIT_FAILED, 0x10000014u, "Video memory could not be shut down; end the process to release it.") \
    X(INVALID_ALLOCATION_SIZE, 0x10000015u, "A block of zero bytes or of more than the store can ever hold was asked for; check the frame size.") \
    X(HEAP_REALLOC_ERROR, 0x10000016u, "A block of the content store could not be resized; free room in the store or enlarge it.") \
    X(HEAP_FILE_HEAP_FILE_CORRUPT, 0x10000017u, "The file behind the content store is missing or damaged; delete it and create the client again.") \
    X(MIN_PROFILER_BUFFER, 0x10100001u, "The buffer given to the profiler is too small; give it a larger one.")
/* Callbacks, credentials, requests and responses. */
#define KVS_STATUS_TABLE_PRODUCER(X) \
    X(STOP_CALLBACK_CHAIN, 0x15000001u, "A callback asked that those after it be left out; this is a signal, not a failure.") \
    X(MAX_CALLBACK_CHAIN, 0x15000002u, "Too many callbacks are registered for one event; register fewer.") \
    X(INVALID_PLATFORM_CALLBACKS_VERSION, 0x15000003u, "The version of the platform callbacks is not known; use the headers of the library you link to.") \
    X(INVALID_PRODUCER_CALLBACKS_VERSION, 0x15000004u, "The version of the producer callbacks is not known; use the headers of the library you link to.") \
    X(INVALID_STREAM_CALLBACKS_VERSION, 0x15000005u, "The version of the stream callbacks is not known; use the headers of the library you link to.") \
    X(INVALID_AUTH_CALLBACKS_VERSION, 0x15000006u, "The version of the credential callbacks is not known; use the headers of the library you link to.") \
    X(INVALID_API_CALLBACKS_VERSION, 0x15000007u, "The version of the service callbacks is not known; use the headers of the library you link to.") \
    X(INVALID_AWS_CREDENTIALS_VERSION, 0x15000008u, "The version of the credentials structure is not known; use the headers of the library you link to.") \
    X(MAX_REQUEST_HEADER_COUNT, 0x15000009u, "The request has too many headers; send fewer.") \
    X(MAX_REQUEST_HEADER_NAME_LEN, 0x1500000au, "The name of a request header is too long; use a shorter one.") \
    X(MAX_REQUEST_HEADER_VALUE_LEN, 0x1500000bu, "The value of a request header is too long; shorten it, or request a shorter session token.") \
    X(INVALID_API_CALL_RETURN_JSON, 0x1500000cu, "The service's answer is not the JSON expected; check the endpoint and for a proxy that rewrites answers.") \
    X(CURL_INIT_FAILED, 0x1500000du, "A connection could not be prepared; the system may be out of memory or descriptors.") \
    X(CURL_LIBRARY_INIT_FAILED, 0x1500000eu, "The network library could not be initialised; check that the installation is complete.") \
    X(INVALID_DESCRIBE_STREAM_RETURN_JSON, 0x1500000fu, "The DescribeStream answer is not the JSON expected; check the endpoint and for a proxy that rewrites answers.") \
    X(HMAC_GENERATION_ERROR, 0x15000010u, "The signature of a request could not be computed; check the secret access key and the crypto library.") \
    X(IOT_FAILED, 0x15000011u, "No credentials came from the IoT credentials endpoint; check the endpoint, role alias, thing name and certificate.") \
    X(MAX_ROLE_ALIAS_LEN_EXCEEDED, 0x15000012u, "The IoT role alias is longer than 128 characters; give the alias, not an ARN.") \
    X(MAX_USER_AGENT_NAME_POSTFIX_LEN_EXCEEDED, 0x15000013u, "The user agent name is longer than 32 characters; shorten it.") \
    X(MAX_CUSTOM_USER_AGENT_LEN_EXCEEDED, 0x15000014u, "The custom user agent text is longer than 128 characters; shorten it.") \
    X(INVALID_USER_AGENT_LENGTH, 0x15000015u, "The user agent is longer than 256 characters in all; shorten the custom text.") \
    X(INVALID_ENDPOINT_CACHING_PERIOD, 0x15000016u, "The endpoint caching period is over the limit of 24 hours; use a shorter one.") \
    X(IOT_EXPIRATION_OCCURS_IN_PAST, 0x15000017u, "The credentials from IoT have expired already; check the clock of the device.") \
    X(IOT_EXPIRATION_PARSING_FAILED, 0x15000018u, "The expiration time in the IoT answer is unreadable; check that the endpoint is a credentials endpoint.") \
    X(DUPLICATE_PRODUCER_CALLBACK_FREE_FUNC, 0x15000019u, "Two sets of producer callbacks would free the same data; set the free function once.") \
    X(DUPLICATE_STREAM_CALLBACK_FREE_FUNC, 0x1500001au, "Two sets of stream callbacks would free the same data; set the free function once.") \
    X(DUPLICATE_AUTH_CALLBACK_FREE_FUNC, 0x1500001bu, "Two sets of credential callbacks would free the same data; set the free function once.") \
    X(DUPLICATE_API_CALLBACK_FREE_FUNC, 0x1500001cu, "Two sets of service callbacks would free the same data; set the free function once.") \
    X(FILE_LOGGER_INDEX_FILE_TOO_LARGE, 0x1500001du, "The index file of the file log is larger than it can be; delete it.") \
    X(MAX_IOT_THING_NAME_LENGTH, 0x1500001eu, "The IoT thing name is longer than 128 characters; give the name, not an ARN.") \
    X(IOT_CREATE_LWS_CONTEXT_FAILED, 0x1500001fu, "The TLS settings for the IoT endpoint could not be set up; check certificate, private key and CA file.") \
    X(INVALID_CA_CERT_PATH, 0x15000020u, "The path of the CA certificate is empty, too long or not a PEM file; correct it.") \
    X(FILE_CREDENTIAL_PROVIDER_OPEN_FILE_FAILED, 0x15000022u, "The credentials file could not be opened; check its path and read permission.") \
    X(FILE_CREDENTIAL_PROVIDER_INVALID_FILE_LENGTH, 0x15000023u, "The credentials file is empty or over 10000 bytes; check that it is the right file.") \
    X(FILE_CREDENTIAL_PROVIDER_INVALID_FILE_FORMAT, 0x15000024u, "The credentials file is malformed; it needs CREDENTIALS, key, secret, or key, expiration, secret, token.") \
    X(STREAM_BEING_SHUTDOWN, 0x15000026u, "The stream is shutting down and takes no more calls; create a new stream.") \
    X(CLIENT_BEING_SHUTDOWN, 0x15000027u, "The client is shutting down and takes no more calls; create a new client.") \
    X(CONTINUOUS_RETRY_RESET_FAILED, 0x15000028u, "The stream could not be reset after an error and has stopped; close it and create it again.") \
    X(CURL_PERFORM_FAILED, 0x16000001u, "The connection failed before an answer came; check name resolution, the network, proxy and certificates.") \
    X(IOT_INVALID_RESPONSE_LENGTH, 0x16000002u, "The IoT credentials endpoint gave an empty or oversized answer; check that it is a credentials endpoint.") \
    X(IOT_NULL_AWS_CREDS, 0x16000003u, "The IoT answer holds no credentials; check that the role alias lets this certificate assume its role.") \
    X(IOT_INVALID_URI_LEN, 0x16000004u, "The address of the IoT credentials endpoint is empty or too long; check it.") \
    X(TIMESTAMP_STRING_UNRECOGNIZED_FORMAT, 0x16000005u, "A time is not of the form yyyy-mm-ddThh:mm:ssZ; correct it.")
/* Content view. */
#define KVS_STATUS_TABLE_VIEW(X) \
    X(MIN_CONTENT_VIEW_ITEMS, 0x30000001u, "The buffer would hold too few frames; raise the buffer duration or the frame rate.") \
    X(INVALID_CONTENT_VIEW_DURATION, 0x30000002u, "The buffer duration is zero or shorter than one frame; set a longer one.") \
    X(CONTENT_VIEW_NO_MORE_ITEMS, 0x30000003u, "The buffer has no further frame at this position; put a frame first.") \
    X(CONTENT_VIEW_INVALID_INDEX, 0x30000004u, "The frame is no longer, or not yet, in the buffer; it may have been sent and trimmed.") \
    X(CONTENT_VIEW_INVALID_TIMESTAMP, 0x30000005u, "The decoding timestamp is older than that of the frame before it; put frames in decoding order.") \
    X(INVALID_CONTENT_VIEW_LENGTH, 0x30000006u, "A frame of zero bytes, or larger than the buffer can describe, was put; check the frame size.")
/* Matroska packaging, NAL units, codec private data. */
#define KVS_STATUS_TABLE_MKV(X) \
    X(MKV_INVALID_FRAME_DATA, 0x32000001u, "The frame is empty, has no data, or is for another track; check its data and track id.") \
    X(MKV_INVALID_FRAME_TIMESTAMP, 0x32000002u, "The timestamp of the frame is out of range or before its fragment starts; check its clock and unit.") \
    X(MKV_INVALID_CLUSTER_DURATION, 0x32000003u, "The fragment duration is not between 1 and 30 seconds; choose one in that range.") \
    X(MKV_INVALID_CONTENT_TYPE_LENGTH, 0x32000004u, "The content type is longer than 128 characters; shorten it.") \
    X(MKV_NUMBER_TOO_BIG, 0x32000005u, "A size or number does not fit into 8 bytes of EBML; check the sizes of the frame and its metadata.") \
    X(MKV_INVALID_CODEC_ID_LENGTH, 0x32000006u, "The codec id is longer than 32 characters; use a Matroska codec id such as V_MPEG4/ISO/AVC.") \
    X(MKV_INVALID_TRACK_NAME_LENGTH, 0x32000007u, "The track name is longer than 32 characters; shorten it.") \
    X(MKV_INVALID_CODEC_PRIVATE_LENGTH, 0x32000008u, "The codec private data is over 1 MiB; pass only the parameter sets or the codec's configuration.") \
    X(MKV_CODEC_PRIVATE_NULL, 0x32000009u, "The codec private data has a length but no bytes; pass the bytes or a length of zero.") \
    X(MKV_INVALID_TIMECODE_SCALE, 0x3200000au, "The timecode scale is not between 100 nanoseconds and 1 second; use 1 millisecond.") \
    X(MKV_MAX_FRAME_TIMECODE, 0x3200000bu, "The timestamp of the frame is larger than Matroska can hold; check its unit.") \
    X(MKV_LARGE_FRAME_TIMECODE, 0x3200000cu, "The frame is over 32767 timecode units after its fragment's start; send key frames more often.") \
    X(MKV_INVALID_ANNEXB_NALU_IN_FRAME_DATA, 0x3200000du, "The frame is not valid Annex B: too many zero bytes before a start code; check the encoder's output format.") \
    X(MKV_INVALID_AVCC_NALU_IN_FRAME_DATA, 0x3200000eu, "A NAL unit length runs past the end of the frame; check that the frame has 4-byte length prefixes.") \
    X(MKV_BOTH_ANNEXB_AND_AVCC_SPECIFIED, 0x3200000fu, "Frames cannot be converted from Annex B and to Annex B at once; set one adaptation flag.") \
    X(MKV_INVALID_ANNEXB_NALU_IN_CPD, 0x32000010u, "The codec private data has a malformed Annex B NAL unit; pass the SPS and PPS, each with a start code.") \
    X(MKV_PTS_DTS_ARE_NOT_SAME, 0x32000011u, "The first frame of a fragment has presentation and decoding times that differ; start fragments at key frames.") \
    X(MKV_INVALID_H264_H265_CPD, 0x32000012u, "The codec private data is neither Annex B parameter sets nor an avcC or hvcC record; pass one of these.") \
    X(MKV_INVALID_H264_H265_SPS_WIDTH, 0x32000013u, "The SPS gives a width of zero or below; check the codec private data.") \
    X(MKV_INVALID_H264_H265_SPS_HEIGHT, 0x32000014u, "The SPS gives a height of zero or below; check the codec private data.") \
    X(MKV_INVALID_H264_H265_SPS_NALU, 0x32000015u, "The SPS cannot be read; check that the codec private data is complete and of the declared codec.") \
    X(MKV_INVALID_BIH_CPD, 0x32000016u, "The codec private data is not a BITMAPINFOHEADER of 40 bytes or more; pass one or change the codec id.") \
    X(MKV_INVALID_HEVC_NALU_COUNT, 0x32000017u, "The hvcC record holds too many or too few NAL units; check the codec private data.") \
    X(MKV_INVALID_HEVC_FORMAT, 0x32000018u, "The H.265 codec private data is not a valid hvcC record; check its first bytes and its length.") \
    X(MKV_HEVC_SPS_NALU_MISSING, 0x32000019u, "The H.265 codec private data has no SPS; include VPS, SPS and PPS.") \
    X(MKV_INVALID_HEVC_SPS_NALU_SIZE, 0x3200001au, "The SPS in the H.265 codec private data is empty or too large; check the codec private data.") \
    X(MKV_INVALID_HEVC_SPS_CHROMA_FORMAT_IDC, 0x3200001bu, "The H.265 SPS names a chroma format that does not exist; check the codec private data.") \
    X(MKV_INVALID_HEVC_SPS_RESERVED, 0x3200001cu, "Reserved bits of the H.265 record have the wrong value; check the codec private data.") \
    X(MKV_MIN_ANNEX_B_CPD_SIZE, 0x3200001du, "The Annex B codec private data is too short to hold parameter sets; pass all of them with start codes.") \
    X(MKV_ANNEXB_CPD_MISSING_NALUS, 0x3200001eu, "The Annex B codec private data lacks parameter sets; H.264 needs SPS and PPS, H.265 also the VPS.") \
    X(MKV_INVALID_ANNEXB_CPD_NALUS, 0x3200001fu, "The parameter sets in the Annex B codec private data are unreadable; check that they match the codec.") \
    X(MKV_INVALID_TAG_NAME_LENGTH, 0x32000020u, "A metadata name is empty or longer than 128 characters; change its length.") \
    X(MKV_INVALID_TAG_VALUE_LENGTH, 0x32000021u, "A metadata value is longer than 256 characters; shorten it.") \
    X(MKV_INVALID_GENERATOR_STATE_TAGS, 0x32000022u, "Tags cannot be written before the first fragment; put a frame first.") \
    X(MKV_INVALID_AAC_CPD_SAMPLING_FREQUENCY_INDEX, 0x32000023u, "The AAC configuration names a sampling frequency that is not in the standard table; check its bytes.") \
    X(MKV_INVALID_AAC_CPD_CHANNEL_CONFIG, 0x32000024u, "The AAC configuration names an unknown channel layout; use 1 to 7.") \
    X(MKV_INVALID_AAC_CPD, 0x32000025u, "The AAC codec private data is not an AudioSpecificConfig of two bytes or more; pass one.") \
    X(MKV_TRACK_INFO_NOT_FOUND, 0x32000026u, "The frame is for a track that the stream does not have; use the id of a configured track.") \
    X(MKV_INVALID_SEGMENT_UUID, 0x32000027u, "The segment UUID is all zeros or not 16 bytes long; pass 16 random bytes or none.") \
    X(MKV_INVALID_TRACK_UID, 0x32000028u, "A track id of zero is not allowed; number tracks from 1.") \
    X(MKV_INVALID_CLIENT_ID_LENGTH, 0x32000029u, "The name of the application written into the media is empty or longer than 256 bytes; shorten it.") \
    X(MKV_INVALID_AMS_ACM_CPD, 0x3200002au, "The audio codec private data is not a WAVEFORMATEX structure of 16 bytes or more; pass one.") \
    X(MKV_MISSING_SPS_FROM_H264_CPD, 0x3200002bu, "The H.264 codec private data has no SPS; include SPS and PPS, or put them before the key frame.") \
    X(MKV_MISSING_PPS_FROM_H264_CPD, 0x3200002cu, "The H.264 codec private data has no PPS; include the SPS and the PPS.") \
    X(MKV_INVALID_PARENT_TYPE, 0x3200002du, "A tag element was to be written inside an element that cannot hold it; report this as a defect.")
/* Text, directories, tags, backoff, containers, timers, log files. */
#define KVS_STATUS_TABLE_UTILS(X) \
    X(INVALID_BASE64_ENCODE, 0x40000001u, "The text is not valid Base64; check for missing padding or foreign characters.") \
    X(INVALID_BASE, 0x40000002u, "The number has no digits or an unsupported base; write it in decimal.") \
    X(INVALID_DIGIT, 0x40000003u, "The number contains a character that is not a digit; correct it.") \
    X(INT_OVERFLOW, 0x40000004u, "The number does not fit its type; use a smaller one.") \
    X(EMPTY_STRING, 0x40000005u, "The text is empty; give at least one character.") \
    X(DIRECTORY_OPEN_FAILED, 0x40000006u, "The directory could not be opened; check that it exists and may be read.") \
    X(PATH_TOO_LONG, 0x40000007u, "The path is longer than the system allows; use a shorter one.") \
    X(UNKNOWN_DIR_ENTRY_TYPE, 0x40000008u, "The directory holds an entry that is neither file, link nor directory; remove it by hand.") \
    X(REMOVE_DIRECTORY_FAILED, 0x40000009u, "The directory could not be removed; check that it is empty and may be changed.") \
    X(REMOVE_FILE_FAILED, 0x4000000au, "The file could not be removed; check the permissions of its directory.") \
    X(REMOVE_LINK_FAILED, 0x4000000bu, "The link could not be removed; check the permissions of its directory.") \
    X(DIRECTORY_ACCESS_DENIED, 0x4000000cu, "The process may not use this directory; change its permissions or choose another one.") \
    X(DIRECTORY_MISSING_PATH, 0x4000000du, "A part of the directory's path does not exist; create it first.") \
    X(DIRECTORY_ENTRY_STAT_ERROR, 0x4000000eu, "The properties of a directory entry could not be read; check the permissions.") \
    X(STRFTIME_FAILED, 0x4000000fu, "The time could not be written as text; check the format and the time.") \
    X(MAX_TIMESTAMP_FORMAT_STR_LEN_EXCEEDED, 0x40000010u, "The format of the timestamp is too long; shorten it.") \
    X(UTIL_MAX_TAG_COUNT, 0x40000011u, "There are more than 50 tags; remove some.") \
    X(UTIL_INVALID_TAG_VERSION, 0x40000012u, "The version of the tag structure is not known; use the headers of the library you link to.") \
    X(UTIL_TAGS_COUNT_NON_ZERO_TAGS_NULL, 0x40000013u, "A number of tags was given without the tags; pass them or a count of zero.") \
    X(UTIL_INVALID_TAG_NAME_LEN, 0x40000014u, "The name of a tag is empty or longer than 128 characters; change its length.") \
    X(UTIL_INVALID_TAG_VALUE_LEN, 0x40000015u, "The value of a tag is too long; use at most 256 characters.") \
    X(EXPONENTIAL_BACKOFF_INVALID_STATE, 0x4000002au, "The retry delay was used before it was set up; report this as a defect.") \
    X(EXPONENTIAL_BACKOFF_RETRIES_EXHAUSTED, 0x4000002bu, "All permitted retries failed; check the network and the errors before this one.") \
    X(THREADPOOL_MAX_COUNT, 0x4000002cu, "The thread pool has reached its limit; wait for work to finish or raise the limit.") \
    X(THREADPOOL_INTERNAL_ERROR, 0x4000002du, "The thread pool failed; restart the process and report this as a defect.") \
    X(HASH_KEY_NOT_PRESENT, 0x40100001u, "The key is not in the table; add it first.") \
    X(HASH_KEY_ALREADY_PRESENT, 0x40100002u, "The key is in the table already; remove or update it instead.") \
    X(HASH_ENTRY_ITERATION_ABORT, 0x40100003u, "A visitor stopped the walk over a table; this is a signal, not a failure.") \
    X(BIT_READER_OUT_OF_RANGE, 0x41000001u, "Reading ran past the last bit of the data; the data are truncated.") \
    X(BIT_READER_INVALID_SIZE, 0x41000002u, "A field of more bits than one read can give was asked for; read it in parts.") \
    X(TIMER_QUEUE_STOP_SCHEDULING, 0x41100001u, "A timer asked not to run again; this is a signal, not a failure.") \
    X(INVALID_TIMER_COUNT_VALUE, 0x41100002u, "The number of timers is outside the permitted range; choose another one.") \
    X(INVALID_TIMER_PERIOD_VALUE, 0x41100003u, "The period of the timer is too short; use a longer one.") \
    X(MAX_TIMER_COUNT_REACHED, 0x41100004u, "All timers are in use; cancel one or allow more.") \
    X(TIMER_QUEUE_SHUTDOWN, 0x41100005u, "The timer queue is shut down and takes no new timers; create a new one.") \
    X(SEMAPHORE_OPERATION_AFTER_SHUTDOWN, 0x41200001u, "The semaphore was used after its shutdown; stop its users first.") \
    X(SEMAPHORE_ACQUIRE_WHEN_LOCKED, 0x41200002u, "The semaphore is locked for shutdown and cannot be taken; stop its users.") \
    X(FILE_LOGGER_INDEX_FILE_INVALID_SIZE, 0x41300001u, "The index file of the file log has the wrong size; delete it.")
/* Client, stream, service calls, acknowledgements. */
#define KVS_STATUS_TABLE_CLIENT(X) \
    X(MAX_STREAM_COUNT, 0x52000001u, "The client has as many streams as it was configured for; raise its maximum or close one.") \
    X(MIN_STREAM_COUNT, 0x52000002u, "The client is configured for no streams; allow at least one.") \
    X(INVALID_DEVICE_NAME_LENGTH, 0x52000003u, "The device name is longer than 128 characters; shorten it.") \
    X(INVALID_DEVICE_INFO_VERSION, 0x52000004u, "The version of the device information is not known; use the headers of the library you link to.") \
    X(MAX_TAG_COUNT, 0x52000005u, "There are more than 50 tags; remove some.") \
    X(DEVICE_FINGERPRINT_LENGTH, 0x52000006u, "The device fingerprint is longer than 32 characters; shorten it.") \
    X(INVALID_CALLBACKS_VERSION, 0x52000007u, "The version of the client callbacks is not known; use the headers of the library you link to.") \
    X(INVALID_STREAM_INFO_VERSION, 0x52000008u, "The version of the stream definition is not known; use the headers of the library you link to.") \
    X(INVALID_STREAM_NAME_LENGTH, 0x52000009u, "The stream name is empty or longer than 256 characters; change its length.") \
    X(INVALID_STORAGE_SIZE, 0x5200000au, "The storage size is not between 1 MiB and 10 GiB, or this system cannot address it; choose another.") \
    X(INVALID_ROOT_DIRECTORY_LENGTH, 0x5200000bu, "The path of the storage directory is longer than 4096 characters; use a shorter one.") \
    X(INVALID_SPILL_RATIO, 0x5200000cu, "The spill ratio is over 100 percent; use 0 to 100.") \
    X(INVALID_STORAGE_INFO_VERSION, 0x5200000du, "The version of the storage settings is not known; use the headers of the library you link to.") \
    X(INVALID_STREAM_STATE, 0x5200000eu, "The stream does not allow this call in its present state; wait until it is ready, or create it anew.") \
    X(SERVICE_CALL_CALLBACKS_MISSING, 0x5200000fu, "A function that calls the service was not provided; provide all required ones.") \
    X(SERVICE_CALL_NOT_AUTHORIZED_ERROR, 0x52000010u, "The service refused the credentials; check the keys, their expiry, the IAM policy and the device clock.") \
    X(DESCRIBE_STREAM_CALL_FAILED, 0x52000011u, "DescribeStream failed after all retries; check the network, region and endpoint.") \
    X(INVALID_DESCRIBE_STREAM_RESPONSE, 0x52000012u, "The DescribeStream answer lacks required fields; check the endpoint.") \
    X(STREAM_IS_BEING_DELETED_ERROR, 0x52000013u, "The stream is being deleted; wait until it is gone and create it again, or use another name.") \
    X(SERVICE_CALL_INVALID_ARG_ERROR, 0x52000014u, "The service found an argument invalid; correct the value that its message names.") \
    X(SERVICE_CALL_DEVICE_NOT_FOUND_ERROR, 0x52000015u, "The service does not know this device; check the device name and the region.") \
    X(SERVICE_CALL_DEVICE_NOT_PROVISIONED_ERROR, 0x52000016u, "The device is not provisioned with the service; provision it first.") \
    X(SERVICE_CALL_RESOURCE_NOT_FOUND_ERROR, 0x52000017u, "The service does not know this stream; check its name and region, or allow its creation.") \
    X(INVALID_AUTH_LEN, 0x52000018u, "The security token is empty or over 10000 bytes; check the credentials.") \
    X(CREATE_STREAM_CALL_FAILED, 0x52000019u, "CreateStream failed after all retries; check the permissions, the stream limit of the account and the network.") \
    X(GET_STREAMING_TOKEN_CALL_FAILED, 0x5200002au, "No credentials could be had for the upload after all retries; check the credentials provider.") \
    X(GET_STREAMING_ENDPOINT_CALL_FAILED, 0x5200002bu, "GetDataEndpoint failed after all retries; check the permissions, region and network.") \
    X(INVALID_URI_LEN, 0x5200002cu, "The address of the data endpoint is empty or over 10000 characters; check the control-plane endpoint.") \
    X(PUT_STREAM_CALL_FAILED, 0x5200002du, "PutMedia could not be started after all retries; check the permissions and the network.") \
    X(STORE_OUT_OF_MEMORY, 0x5200002eu, "The content store is full; raise the storage size, lower the bit rate, or drop old frames instead.") \
    X(NO_MORE_DATA_AVAILABLE, 0x5200002fu, "Everything buffered has been read; read again after the next frame.") \
    X(INVALID_TAG_VERSION, 0x52000030u, "The version of the tag structure is not known; use the headers of the library you link to.") \
    X(SERVICE_CALL_UNKNOWN_ERROR, 0x52000031u, "The service call failed for no known reason, often a server or network fault; it is tried again.") \
    X(SERVICE_CALL_RESOURCE_IN_USE_ERROR, 0x52000032u, "The stream is in use or just being changed by another call; try again later.") \
    X(SERVICE_CALL_CLIENT_LIMIT_ERROR, 0x52000033u, "The account has too many calls or connections now; slow down or ask for a higher quota.") \
    X(SERVICE_CALL_DEVICE_LIMIT_ERROR, 0x52000034u, "The account has as many devices as allowed; remove one or ask for a higher quota.") \
    X(SERVICE_CALL_STREAM_LIMIT_ERROR, 0x52000035u, "The account has as many streams as allowed; delete one or ask for a higher quota.") \
    X(SERVICE_CALL_RESOURCE_DELETED_ERROR, 0x52000036u, "The stream was deleted; create it again.") \
    X(SERVICE_CALL_TIMEOUT_ERROR, 0x52000037u, "The service did not answer in time; check the network, the call is tried again.") \
    X(STREAM_READY_CALLBACK_FAILED, 0x52000038u, "The handler of the stream-ready event failed; correct the handler.") \
    X(DEVICE_TAGS_COUNT_NON_ZERO_TAGS_NULL, 0x52000039u, "A number of tags was given without the tags; pass them or a count of zero.") \
    X(INVALID_STREAM_DESCRIPTION_VERSION, 0x5200003au, "The version of the stream description is not known; use the headers of the library you link to.") \
    X(INVALID_TAG_NAME_LEN, 0x5200003bu, "The name of a tag is empty or longer than 128 characters; change its length.") \
    X(INVALID_TAG_VALUE_LEN, 0x5200003cu, "The value of a tag is too long; use at most 256 characters.") \
    X(TAG_STREAM_CALL_FAILED, 0x5200003du, "The stream could not be tagged; streaming goes on, so check the tagging permission and the tags.") \
    X(INVALID_CUSTOM_DATA, 0x5200003eu, "The custom data of a call belong to no stream; pass back what the library gave you.") \
    X(INVALID_CREATE_STREAM_RESPONSE, 0x5200003fu, "The CreateStream answer has no usable stream ARN; check the endpoint.") \
    X(CLIENT_AUTH_CALL_FAILED, 0x52000040u, "The client could not authenticate; check the credentials provider.") \
    X(GET_CLIENT_TOKEN_CALL_FAILED, 0x52000041u, "No security token could be had for the client; check the credentials provider.") \
    X(CLIENT_PROVISION_CALL_FAILED, 0x52000042u, "The client could not be provisioned; check the device certificate and its policy.") \
    X(CREATE_CLIENT_CALL_FAILED, 0x52000043u, "The device could not be registered with the service; check the permissions and the network.") \
    X(CLIENT_READY_CALLBACK_FAILED, 0x52000044u, "The handler of the client-ready event failed; correct the handler.") \
    X(TAG_CLIENT_CALL_FAILED, 0x52000045u, "The client could not be tagged; check the tagging permission and the tags.") \
    X(INVALID_CREATE_DEVICE_RESPONSE, 0x52000046u, "The answer to registering the device is not usable; check the endpoint.") \
    X(ACK_TIMESTAMP_NOT_IN_VIEW_WINDOW, 0x52000047u, "An acknowledgement is for a fragment that left the buffer; harmless, but the buffer may be too short.") \
    X(INVALID_FRAGMENT_ACK_VERSION, 0x52000048u, "The version of the acknowledgement is not known; use the headers of the library you link to.") \
    X(INVALID_TOKEN_EXPIRATION, 0x52000049u, "The credentials expire within 30 seconds; have the provider refresh earlier and check the device clock.") \
    X(END_OF_STREAM, 0x5200004au, "The upload has sent everything and ended; open another one to send more.") \
    X(DUPLICATE_STREAM_NAME, 0x5200004bu, "The client has a stream of this name already; use that one or close it first.") \
    X(INVALID_RETENTION_PERIOD, 0x5200004cu, "The retention period is neither zero nor at least one hour; give it in hours.") \
    X(INVALID_ACK_KEY_START, 0x5200004du, "An acknowledgement is malformed where a key is expected; it was skipped, check for a proxy in between.") \
    X(INVALID_ACK_DUPLICATE_KEY_NAME, 0x5200004eu, "An acknowledgement has the same key twice; it was skipped, check for a proxy in between.") \
    X(INVALID_ACK_INVALID_VALUE_START, 0x5200004fu, "An acknowledgement has a value of the wrong kind; it was skipped, check for a proxy in between.") \
    X(INVALID_ACK_INVALID_VALUE_END, 0x52000050u, "An acknowledgement is malformed in or after a value; it was skipped, check for a proxy in between.") \
    X(INVALID_PARSED_ACK_TYPE, 0x52000051u, "An acknowledgement has no event type or an unknown one; it was skipped.") \
    X(STREAM_HAS_BEEN_STOPPED, 0x52000052u, "The stream was stopped and takes no more frames; create it again to go on.") \
    X(INVALID_STREAM_METRICS_VERSION, 0x52000053u, "The version of the stream metrics is not known; use the headers of the library you link to.") \
    X(INVALID_CLIENT_METRICS_VERSION, 0x52000054u, "The version of the client metrics is not known; use the headers of the library you link to.") \
    X(INVALID_CLIENT_READY_STATE, 0x52000055u, "The client is not ready for this call; wait until it is.") \
    X(STATE_MACHINE_STATE_NOT_FOUND, 0x52000056u, "The state machine was sent to a state that does not exist; report this as a defect.") \
    X(INVALID_FRAGMENT_ACK_TYPE, 0x52000057u, "The type of the acknowledgement is none of the five known ones; check the caller.") \
    X(INVALID_STREAM_READY_STATE, 0x52000058u, "The stream was declared ready in a state that cannot become ready; report this as a defect.") \
    X(CLIENT_FREED_BEFORE_STREAM, 0x52000059u, "The stream was closed after its client; close streams first.") \
    X(ALLOCATION_SIZE_SMALLER_THAN_REQUESTED, 0x5200005au, "The content store gave a smaller block than was asked for; report this as a defect.") \
    X(VIEW_ITEM_SIZE_GREATER_THAN_ALLOCATION, 0x5200005bu, "A frame is recorded as larger than its block in the store; report this as a defect.") \
    X(ACK_ERR_STREAM_READ_ERROR, 0x5200005cu, "The service could not read the upload; it is sent again, check the network if this repeats.") \
    X(ACK_ERR_FRAGMENT_SIZE_REACHED, 0x5200005du, "The fragment is over 50 MB and was refused; lower the bit rate or send key frames more often.") \
    X(ACK_ERR_FRAGMENT_DURATION_REACHED, 0x5200005eu, "The fragment is longer than the service allows and was refused; send key frames more often.") \
    X(ACK_ERR_CONNECTION_DURATION_REACHED, 0x5200005fu, "The connection was open for over 45 minutes; a new one continues the upload.") \
    X(ACK_ERR_FRAGMENT_TIMECODE_NOT_MONOTONIC, 0x52000060u, "The fragment starts no later than the one before it ended; make timestamps grow, also across restarts.") \
    X(ACK_ERR_MULTI_TRACK_MKV, 0x52000061u, "The fragment has more than one track where one is allowed; send one track.") \
    X(ACK_ERR_INVALID_MKV_DATA, 0x52000062u, "The service cannot read the fragment as Matroska and refused it; check frames and codec private data.") \
    X(ACK_ERR_INVALID_PRODUCER_TIMESTAMP, 0x52000063u, "The producer timestamp was refused; check the clock of the device and the timecode type.") \
    X(ACK_ERR_STREAM_NOT_ACTIVE, 0x52000064u, "The stream is not active; wait until it is, or create it if it was deleted.") \
    X(ACK_ERR_KMS_KEY_ACCESS_DENIED, 0x52000065u, "The service may not use the stream's KMS key; correct the key policy or grants.") \
    X(ACK_ERR_KMS_KEY_DISABLED, 0x52000066u, "The stream's KMS key is disabled; enable it.") \
    X(ACK_ERR_KMS_KEY_VALIDATION_ERROR, 0x52000067u, "The stream's KMS key failed validation; check the key and its region.") \
    X(ACK_ERR_KMS_KEY_UNAVAILABLE, 0x52000068u, "The stream's KMS key is unavailable now; check the state of the key.") \
    X(ACK_ERR_KMS_KEY_INVALID_USAGE, 0x52000069u, "The stream's KMS key is not made for encryption; use a symmetric encryption key.") \
    X(ACK_ERR_KMS_KEY_INVALID_STATE, 0x5200006au, "The state of the stream's KMS key forbids its use; check that it is not pending deletion or import.") \
    X(ACK_ERR_KMS_KEY_NOT_FOUND, 0x5200006bu, "The stream's KMS key does not exist; restore it or create the stream with another key.") \
    X(ACK_ERR_STREAM_DELETED, 0x5200006cu, "The stream is being or has been deleted; create it again.") \
    X(ACK_ERR_ACK_INTERNAL_ERROR, 0x5200006du, "The service had an internal fault; the fragment is sent again.") \
    X(ACK_ERR_FRAGMENT_ARCHIVAL_ERROR, 0x5200006eu, "The service could not store the fragment; it is sent again.") \
    X(ACK_ERR_UNKNOWN_ACK_ERROR, 0x5200006fu, "The service refused the fragment with an error id that is not known here; the fragment is sent again.") \
    X(MISSING_ERR_ACK_ID, 0x52000070u, "An error acknowledgement has no usable error id; it was skipped, check for a proxy in between.") \
    X(INVALID_ACK_SEGMENT_LEN, 0x52000071u, "An acknowledgement is longer than 1024 bytes; it was skipped, check for a proxy in between.") \
    X(AWAITING_PERSISTED_ACK, 0x52000072u, "Everything is sent and the last persisted acknowledgement is awaited; wait and read again.") \
    X(PERSISTED_ACK_TIMEOUT, 0x52000073u, "The last fragment was not confirmed as stored in time; check with ListFragments whether it arrived.") \
    X(MAX_FRAGMENT_METADATA_COUNT, 0x52000074u, "More metadata are waiting than one fragment may carry; put fewer items a fragment.") \
    X(ACK_ERR_FRAGMENT_METADATA_LIMIT_REACHED, 0x52000075u, "The fragment has over 10 metadata tags, or one is too long, and was refused; put fewer or shorter ones.") \
    X(BLOCKING_PUT_INTERRUPTED_STREAM_TERMINATED, 0x52000076u, "The stream was stopped while a frame waited for room; the frame was not stored.") \
    X(INVALID_METADATA_NAME, 0x52000077u, "The metadata name starts with AWS, which is reserved; choose another name.") \
    X(END_OF_FRAGMENT_FRAME_INVALID_STATE, 0x52000078u, "An end of fragment needs fragments that start at key frames; turn key-frame fragmentation on.") \
    X(TRACK_INFO_MISSING, 0x52000079u, "The stream has no tracks; define one to three.") \
    X(MAX_TRACK_COUNT_EXCEEDED, 0x5200007au, "The stream has more than three tracks; remove some.") \
    X(OFFLINE_MODE_WITH_ZERO_RETENTION, 0x5200007bu, "Offline streaming needs acknowledgements and a retention period over zero; set both.") \
    X(ACK_ERR_TRACK_NUMBER_MISMATCH, 0x5200007cu, "The fragment has a frame of an undeclared track and was refused; put frames of declared tracks only.") \
    X(ACK_ERR_FRAMES_MISSING_FOR_TRACK, 0x5200007du, "A declared track has no frame in the fragment, which was refused; send every track or declare fewer.") \
    X(ACK_ERR_MORE_THAN_ALLOWED_TRACKS_FOUND, 0x5200007eu, "The fragment has more than three tracks and was refused; declare at most three.") \
    X(UPLOAD_HANDLE_ABORTED, 0x5200007fu, "The upload was aborted; a new one continues.") \
    X(INVALID_CERT_PATH_LENGTH, 0x52000080u, "The path of the certificate is longer than 4096 characters; use a shorter one.") \
    X(DUPLICATE_TRACK_ID_FOUND, 0x52000081u, "Two tracks have the same id; give each its own.") \
    X(INVALID_CLIENT_INFO_VERSION, 0x52000082u, "The version of the client information is not known; use the headers of the library you link to.") \
    X(INVALID_CLIENT_ID_STRING_LENGTH, 0x52000083u, "The client id is longer than 64 characters; shorten it.") \
    X(SETTING_KEY_FRAME_FLAG_WHILE_USING_EOFR, 0x52000084u, "Key frames and explicit ends of fragment both cut fragments here; use one of the two.") \
    X(MAX_FRAME_TIMESTAMP_DELTA_BETWEEN_TRACKS_EXCEEDED, 0x52000085u, "One track is too far ahead of another; send frames of all tracks at about the same time.") \
    X(STREAM_SHUTTING_DOWN, 0x52000086u, "The stream is shutting down and takes no more calls; create a new one.") \
    X(CLIENT_SHUTTING_DOWN, 0x52000087u, "The client is shutting down and takes no more calls; create a new one.") \
    X(PUTMEDIA_LAST_PERSIST_ACK_NOT_RECEIVED, 0x52000088u, "The connection ended before the last fragment was confirmed as stored; that part is sent again.") \
    X(NON_ALIGNED_HEAP_WITH_IN_CONTENT_STORE_ALLOCATORS, 0x52000089u, "Working memory inside the content store needs aligned blocks; build with the aligned-memory mode.") \
    X(MULTIPLE_CONSECUTIVE_EOFR, 0x5200008au, "Two ends of fragment follow each other; put at least one frame between them.") \
    X(DUPLICATE_STREAM_EVENT_TYPE, 0x5200008bu, "The fragment has an event of this type already; wait for the next fragment.") \
    X(STREAM_NOT_STARTED, 0x5200008cu, "An event needs a fragment to belong to, and none has begun; put a frame first.") \
    X(INVALID_IMAGE_PREFIX_LENGTH, 0x5200008du, "The image prefix is longer than 256 characters; shorten it.") \
    X(INVALID_IMAGE_METADATA_KEY_LENGTH, 0x5200008eu, "The name of an event's metadata is empty or longer than 128 characters; change its length.") \
    X(INVALID_IMAGE_METADATA_VALUE_LENGTH, 0x5200008fu, "The value of an event's metadata is empty or longer than 256 characters; change its length.") \
    X(STATE_MACHINE_NAME_LEN_INVALID, 0x5200009au, "The name of a state machine is empty or too long; report this as a defect.")
/* All of the above. */
#define KVS_STATUS_TABLE(X) \
    KVS_STATUS_TABLE_BASE(X) KVS_STATUS_TABLE_HEAP(X) KVS_STATUS_TABLE_PRODUCER(X) KVS_STATUS_TABLE_VIEW(X) \
    KVS_STATUS_TABLE_MKV(X) KVS_STATUS_TABLE_UTILS(X) KVS_STATUS_TABLE_CLIENT(X)

/* Other spellings of the same statuses. */
#define KVS_STATUS_ALIAS_TABLE(X) \
    X(WRITE_FILE_FAILED, WRITE_TO_FILE_FAILED) \
    X(THREAD_READ_IS_NOT_JOINABLE, THREAD_IS_NOT_JOINABLE) \
    X(THREAD_READ_ATTRIBUTES_INIT_FAILED, THREAD_ATTR_INIT_FAILED) \
    X(THREAD_READ_ATTRIBUTES_SET_STACK_SIZE_FAILED, THREAD_ATTR_SET_STACK_SIZE_FAILED) \
    X(INVALID_THREAD_PARAMETERS_VERSION, INVALID_THREAD_PARAMS_VERSION) \
    X(MAX_ROLE_ALIAS_LENGTH_EXCEEDED, MAX_ROLE_ALIAS_LEN_EXCEEDED) \
    X(MAX_AGENT_NAME_POSTFIX_LENGTH_EXCEEDED, MAX_USER_AGENT_NAME_POSTFIX_LEN_EXCEEDED) \
    X(MAX_CUSTOM_USER_AGENT_LENGTH_EXCEEDED, MAX_CUSTOM_USER_AGENT_LEN_EXCEEDED) \
    X(IOT_EXPIRATION_TIMESTAMP_OCCURS_IN_PAST, IOT_EXPIRATION_OCCURS_IN_PAST) \
    X(DUPLICATE_PRODUCER_CALLBACK_FUNC, DUPLICATE_PRODUCER_CALLBACK_FREE_FUNC) \
    X(MAXIMUM_IOT_THING_NAME_LENGTH, MAX_IOT_THING_NAME_LENGTH) \
    X(INVALID_CERT_PATH, INVALID_CA_CERT_PATH) \
    X(CONTINUOUS_RETRY_RETRY_FAILED, CONTINUOUS_RETRY_RESET_FAILED) \
    X(TIMESTAMP_UNRECOGNIZED_FORMAT, TIMESTAMP_STRING_UNRECOGNIZED_FORMAT) \
    X(STRFTIME_FALIED, STRFTIME_FAILED) \
    X(INVALID_STREAM_INFO_STRUCTURE_VERSION, INVALID_STREAM_INFO_VERSION) \
    X(SERVICE_CALLBACKS_MISSING, SERVICE_CALL_CALLBACKS_MISSING) \
    X(SERVICE_CALLBACK_NOT_AUTHORIZED_ERROR, SERVICE_CALL_NOT_AUTHORIZED_ERROR) \
    X(DESCRIPTOR_CALL_FAILED, DESCRIBE_STREAM_CALL_FAILED) \
    X(INVALID_DESCRIPTOR_RESPONSE, INVALID_DESCRIBE_STREAM_RESPONSE) \
    X(SERVICE_CALL_DEVICE_NOT_FOND_ERROR, SERVICE_CALL_DEVICE_NOT_FOUND_ERROR) \
    X(INVALID_URI_LENGTH, INVALID_URI_LEN) \
    X(SERVICE_CALL_UNKOWN_ERROR, SERVICE_CALL_UNKNOWN_ERROR) \
    X(SERVICE_UNKNOWN_ERROR, SERVICE_CALL_UNKNOWN_ERROR) \
    X(SERVICE_RESOURCE_IN_USE_ERROR, SERVICE_CALL_RESOURCE_IN_USE_ERROR) \
    X(SERVICE_CLIENT_LIMIT_ERROR, SERVICE_CALL_CLIENT_LIMIT_ERROR) \
    X(TAG_RESOURCE_CALL_FAILED, TAG_STREAM_CALL_FAILED) \
    X(INVALID_DUPLICATE_KEY_NAME, INVALID_ACK_DUPLICATE_KEY_NAME) \
    X(INVALID_VALUE_START, INVALID_ACK_INVALID_VALUE_START) \
    X(ACK_FRAGMENT_SIZE_REACHED, ACK_ERR_FRAGMENT_SIZE_REACHED) \
    X(ACK_ERR_TIMESTAMP_NOT_MONOTONIC, ACK_ERR_FRAGMENT_TIMECODE_NOT_MONOTONIC) \
    X(ACK_ERROR_STREAM_NOT_ACTIVE, ACK_ERR_STREAM_NOT_ACTIVE) \
    X(ACK_ERROR_KMS_ACCESS_DENIED, ACK_ERR_KMS_KEY_ACCESS_DENIED) \
    X(AK_ERR_KMS_KEY_DISABLED, ACK_ERR_KMS_KEY_DISABLED) \
    X(AK_ERR_KMS_KEY_VALIDATION_ERROR, ACK_ERR_KMS_KEY_VALIDATION_ERROR) \
    X(AK_ERR_KMS_KEY_UNAVAILABLE, ACK_ERR_KMS_KEY_UNAVAILABLE) \
    X(AK_ERR_KMS_KEY_INVALID_USAGE, ACK_ERR_KMS_KEY_INVALID_USAGE) \
    X(AK_ERR_KMS_KEY_INVALID_STATE, ACK_ERR_KMS_KEY_INVALID_STATE) \
    X(AK_ERR_KMS_KEY_NOT_FOUND, ACK_ERR_KMS_KEY_NOT_FOUND) \
    X(AK_ERR_STREAM_DELETED, ACK_ERR_STREAM_DELETED) \
    X(ACK_FRAGMENT_METADATA_LIMIT_REACHED, ACK_ERR_FRAGMENT_METADATA_LIMIT_REACHED) \
    X(BLOCKING_INTERRUPTED_STREAM_TERMINATED, BLOCKING_PUT_INTERRUPTED_STREAM_TERMINATED) \
    X(MAXIMUM_TRACK_COUNT_EXCEEDED, MAX_TRACK_COUNT_EXCEEDED) \
    X(OFFLINE_MODE_RETENTION_TIME_WITH_ZERO_RETENTION, OFFLINE_MODE_WITH_ZERO_RETENTION) \
    X(ACK_TRACK_NUMBER_MISMATCH, ACK_ERR_TRACK_NUMBER_MISMATCH) \
    X(PUTMEDIA_LAST_PERSISTENT_ACK_NOT_RECEIVED, PUTMEDIA_LAST_PERSIST_ACK_NOT_RECEIVED) \
    X(NON_ALIGNED_HEAP_WITHIN_CONTENT_STORE_ALLOCATORS, NON_ALIGNED_HEAP_WITH_IN_CONTENT_STORE_ALLOCATORS) \
    X(INVALID_METADATA_KEY_LENGTH, INVALID_IMAGE_METADATA_KEY_LENGTH) \
    X(INVALID_METADATA_VALUE_LENGTH, INVALID_IMAGE_METADATA_VALUE_LENGTH)

/* clang-format on */

#endif
