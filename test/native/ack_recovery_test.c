#include "ack_log.h"

/* What follows the broken object in the cases below, on the same line. */
#define NEXT "{\"EventType\":\"IDLE\"}"

struct broken_case {
    const char *input;
    const char *error;
};

/** Checks that each input gives its one error, and that the acknowledgement after it is read. */
static void check_broken(const struct broken_case *cases, size_t count) {
    for (size_t i = 0; i < count; i++) {
        char log[128];
        snprintf(log, sizeof(log), "INVALID_%s\nIDLE - []\n", cases[i].error);
        struct ack_case c = {cases[i].input, log};
        check_case(&c);
    }
}

#define CHECK_BROKEN(cases) check_broken((cases), sizeof(cases) / sizeof((cases)[0]))

KVS_TEST(sound_json_that_is_no_acknowledgement_is_one_error) {
    const struct broken_case cases[] = {
        {"{}" NEXT, "ACK_KEY_START"},
        {"{\"EventType\":\"FOO\",\"FragmentTimecode\":1}" NEXT, "PARSED_ACK_TYPE"},
        {"{\"EventType\":\"idle\"}" NEXT, "PARSED_ACK_TYPE"},
        {"{\"EventType\":\"\"}" NEXT, "PARSED_ACK_TYPE"},
        {"{\"EventType\":null}" NEXT, "PARSED_ACK_TYPE"},
        {"{\"FragmentTimecode\":1}" NEXT, "PARSED_ACK_TYPE"},
        {"{\"EventType\":\"IDLE\",\"EventType\":\"IDLE\"}" NEXT, "ACK_DUPLICATE_KEY_NAME"},
        {"{\"ErrorId\":null,\"EventType\":\"ERROR\",\"ErrorId\":1}" NEXT, "ACK_DUPLICATE_KEY_NAME"},
        {"{\"EventType\":1}" NEXT, "ACK_INVALID_VALUE_START"},
        {"{\"EventType\":{\"a\":[1]}}" NEXT, "ACK_INVALID_VALUE_START"},
        {"{\"EventType\":\"IDLE\",\"FragmentTimecode\":[" NEXT "]}" NEXT,
         "ACK_INVALID_VALUE_START"},
        {"{\"EventType\":\"IDLE\",\"FragmentNumber\":17}" NEXT, "ACK_INVALID_VALUE_START"},
        {"{\"EventType\":\"ERROR\",\"ErrorId\":true}" NEXT, "ACK_INVALID_VALUE_START"},
        {"{\"FragmentTimecode\":-9,\"ErrorId\":{},\"EventType\":\"NO\"}" NEXT,
         "ACK_INVALID_VALUE_END"},
    };
    CHECK_BROKEN(cases);
}

KVS_TEST(an_error_without_an_error_id_is_one_error) {
    const struct ack_case cases[] = {
        {"{\"EventType\":\"ERROR\"}" NEXT, "MISSING_ERR_ACK_ID\nIDLE - []\n"},
        {"{\"EventType\":\"ERROR\",\"ErrorId\":null}" NEXT, "MISSING_ERR_ACK_ID\nIDLE - []\n"},
        {"{\"EventType\":\"ERROR\",\"ErrorId\":1}{\"EventType\":\"ERROR\"}" NEXT,
         "ERROR - [] 1 []\nMISSING_ERR_ACK_ID\nIDLE - []\n"},
        {"{\"EventType\":\"ERROR\",\"Nested\":{\"ErrorId\":4006}}" NEXT,
         "MISSING_ERR_ACK_ID\nIDLE - []\n"},
    };
    CHECK_CASES(cases);
}

KVS_TEST(a_broken_object_is_one_error_and_is_skipped_to_its_closing_brace) {
    const struct broken_case cases[] = {
        {"{x}" NEXT, "ACK_KEY_START"},
        {"{,\"EventType\":\"IDLE\"}" NEXT, "ACK_KEY_START"},
        {"{\"EventType\":\"IDLE\",}" NEXT, "ACK_KEY_START"},
        {"{" NEXT "}" NEXT, "ACK_KEY_START"},
        {"{\"EventType\"\"IDLE\"}" NEXT, "ACK_INVALID_VALUE_START"},
        {"{\"EventType\"}" NEXT, "ACK_INVALID_VALUE_START"},
        {"{\"EventType\":}" NEXT, "ACK_INVALID_VALUE_START"},
        {"{\"EventType\":IDLE}" NEXT, "ACK_INVALID_VALUE_START"},
        {"{\"EventType\":'IDLE'}" NEXT, "ACK_INVALID_VALUE_START"},
        {"{\"a\":[,1]}" NEXT, "ACK_INVALID_VALUE_START"},
        {"{\"a\":[1,]}" NEXT, "ACK_INVALID_VALUE_START"},
        {"{\"EventType\":\"IDLE\" \"a\":1}" NEXT, "ACK_INVALID_VALUE_END"},
        {"{\"EventType\":\"IDLE\"]}" NEXT, "ACK_INVALID_VALUE_END"},
        {"{\"EventType\":\"IDLE\",\"a\":[1}" NEXT, "ACK_INVALID_VALUE_END"},
        {"{\"EventType\":\"IDLE\",\"a\":[{\"b\":1]}]}" NEXT, "ACK_INVALID_VALUE_END"},
        {"{\"a\":tru}" NEXT, "ACK_INVALID_VALUE_END"},
        {"{\"a\":nullx}" NEXT, "ACK_INVALID_VALUE_END"},
        {"{\"a\":1-2}" NEXT, "ACK_INVALID_VALUE_END"},
        {"{\"a\":-}" NEXT, "ACK_INVALID_VALUE_END"},
        {"{\"a\":1.}" NEXT, "ACK_INVALID_VALUE_END"},
        {"{\"a\":1e+}" NEXT, "ACK_INVALID_VALUE_END"},
        {"{\"a\":\"\\q}\"}" NEXT, "ACK_INVALID_VALUE_END"},
        {"{\"a\":\"\\u12x}\"}" NEXT, "ACK_INVALID_VALUE_END"},
        {"{\"a\":\"\\u12\"}" NEXT, "ACK_INVALID_VALUE_END"},
        {"{\"a\":\"tab\there}\"}" NEXT, "ACK_INVALID_VALUE_END"},
        {"{\"a\":\"\x1f}\"}" NEXT, "ACK_INVALID_VALUE_END"},
        {"{\"a\":\"x\"y\",\n\"b\":1}" NEXT, "ACK_INVALID_VALUE_END"},
        {"{\"a\":?,\"b\":\"}\\\"}\"}" NEXT, "ACK_INVALID_VALUE_START"},
    };
    CHECK_BROKEN(cases);
}

KVS_TEST(an_object_within_a_broken_one_is_no_acknowledgement) {
    const struct ack_case cases[] = {
        {"{\"a\":tru,\"b\":{\"EventType\":\"PERSISTED\",\"FragmentTimecode\":5}}\n",
         "INVALID_ACK_INVALID_VALUE_END\n"},
        {"{\"a\":\"x\"y\",\"b\":{\"EventType\":\"PERSISTED\",\"FragmentTimecode\":5}}\n",
         "INVALID_ACK_INVALID_VALUE_END\n"},
        {"{\"a\":{\"b\":{\"c\":?,\"d\":{\"EventType\":\"PERSISTED\"}},\"e\":{\"EventType\":"
         "\"PERSISTED\"}},\"f\":{\"EventType\":\"PERSISTED\"}}\n",
         "INVALID_ACK_INVALID_VALUE_START\n"},
        {"{\"a\":?,\"b\":\"}{\\\"EventType\\\":\\\"IDLE\\\"}\"}\n",
         "INVALID_ACK_INVALID_VALUE_START\n"},
    };
    CHECK_CASES(cases);
}

KVS_TEST(an_acknowledgement_cut_short_anywhere_does_not_lose_the_next_line) {
    const char whole[] =
        "{\"EventType\":\"ERROR\",\"x\":[1,{\"y\":\"\\u00e9\\n\"}],\"ErrorId\":40}";
    const char next[] = "\t{\"EventType\":\"PERSISTED\",\"FragmentTimecode\":9}\n";
    for (size_t cut = 1; cut < strlen(whole); cut++) {
        char input[256];
        struct event_log log;
        snprintf(input, sizeof(input), "%.*s\n%s", (int)cut, whole, next);
        log_of(input, strlen(input), 0, 0, &log);
        const char *error_end = strchr(log.text, '\n');
        if (CHECK(error_end != NULL)) {
            CHECK(strncmp(log.text, "INVALID_ACK_", 12) == 0);
            CHECK(strcmp(error_end + 1, "PERSISTED 9 []\n") == 0);
        }
    }
}

KVS_TEST(garbage_between_objects_is_one_error_a_run) {
    const struct ack_case cases[] = {
        {"5f\r\n" NEXT, "INVALID_ACK_KEY_START\nIDLE - []\n"},
        {NEXT ",\n" NEXT "]",
         "IDLE - []\nINVALID_ACK_KEY_START\nIDLE - []\nINVALID_ACK_KEY_START\n"},
        {"}}}\n]]\n\"x\"\n" NEXT, "INVALID_ACK_KEY_START\nIDLE - []\n"},
        {"\xEF\xBB\xBF" NEXT, "INVALID_ACK_KEY_START\nIDLE - []\n"},
        {"x y z", "INVALID_ACK_KEY_START\n"},
    };
    CHECK_CASES(cases);
}

KVS_TEST(an_html_page_gives_errors_and_no_acknowledgement) {
    const struct ack_case page = {
        "<!DOCTYPE html>\n<html><head><title>503 Service Unavailable</title>\n"
        "<style>\nbody { color: #333; font: \"Times\" }\n.a{}\n</style>\n"
        "<script>var EventType = {type: \"IDLE\", \"EventType\": 'IDLE'};\n"
        "function f() { if (x) { return {\"EventType\": type}; } }</script></head>\n"
        "<body><h1>503 &quot;EventType&quot;:&quot;IDLE&quot;</h1></body></html>\n",
        "INVALID_ACK_KEY_START\n"  /* <!DOCTYPE */
        "INVALID_ACK_KEY_START\n"  /* { color */
        "INVALID_ACK_KEY_START\n"  /* .a */
        "INVALID_ACK_KEY_START\n"  /* {} */
        "INVALID_ACK_KEY_START\n"  /* </style> */
        "INVALID_ACK_KEY_START\n"  /* {type */
        "INVALID_ACK_KEY_START\n"  /* ; */
        "INVALID_ACK_KEY_START\n"  /* { if */
        "INVALID_ACK_KEY_START\n", /* </script> */
    };
    check_case(&page);
}

KVS_TEST(binary_bytes_give_errors_and_no_acknowledgement) {
    const char idle[] = "\n" NEXT "\n";
    struct kvs_ack_parser parser;
    struct event_log log = {.len = 0};
    uint32_t random = 12345;
    kvs_ack_parser_init(&parser);
    for (size_t i = 0; i < 20000; i++) {
        random = random * 1664525u + 1013904223u;
        char byte = (char)(random >> 24);
        feed(&parser, &byte, 1, &log);
        CHECK(log.len == 0 || strstr(log.text, " [") == NULL);
        log.len = 0;
    }
    feed(&parser, idle, strlen(idle), &log);
    CHECK(strstr(log.text, "IDLE - []\n") != NULL);
}

/** Writes an acknowledgement of exactly `size` bytes into `out`, padded with an unknown key. */
static void write_padded(char *out, size_t size) {
    const char head[] = "{\"EventType\":\"IDLE\",\"Pad\":\"";
    memset(out, 'x', size);
    memcpy(out, head, strlen(head));
    memcpy(out + size - 2, "\"}", 2);
    out[size] = '\0';
}

KVS_TEST(an_object_of_1024_bytes_is_read_and_a_longer_one_is_skipped) {
    char input[4096];
    write_padded(input, 1024);
    check_log(input, 1024, 512, 1024, "IDLE - []\n");
    write_padded(input, 1025);
    strcat(input, NEXT);
    check_log(input, strlen(input), 1023, 1024, "INVALID_ACK_SEGMENT_LEN\nIDLE - []\n");
    write_padded(input, 3000);
    memcpy(input + 2000, "\\\"}{", 4);
    strcat(input, NEXT);
    check_log(input, strlen(input), 1024, 2001, "INVALID_ACK_SEGMENT_LEN\nIDLE - []\n");
}

KVS_TEST(an_endless_object_is_one_error_and_a_new_line_ends_it) {
    const char idle[] = "\n" NEXT "\n";
    struct kvs_ack_parser parser;
    struct event_log log = {.len = 0};
    kvs_ack_parser_init(&parser);
    feed(&parser, "{\"a\":[", 6, &log);
    for (size_t i = 0; i < 100000; i++) {
        feed(&parser, "{},", 3, &log);
    }
    feed(&parser, idle, strlen(idle), &log);
    CHECK(strcmp(log.text, "INVALID_ACK_SEGMENT_LEN\nIDLE - []\n") == 0);
}

int main(void) {
    RUN(sound_json_that_is_no_acknowledgement_is_one_error);
    RUN(an_error_without_an_error_id_is_one_error);
    RUN(a_broken_object_is_one_error_and_is_skipped_to_its_closing_brace);
    RUN(an_object_within_a_broken_one_is_no_acknowledgement);
    RUN(an_acknowledgement_cut_short_anywhere_does_not_lose_the_next_line);
    RUN(garbage_between_objects_is_one_error_a_run);
    RUN(an_html_page_gives_errors_and_no_acknowledgement);
    RUN(binary_bytes_give_errors_and_no_acknowledgement);
    RUN(an_object_of_1024_bytes_is_read_and_a_longer_one_is_skipped);
    RUN(an_endless_object_is_one_error_and_a_new_line_ends_it);
    return kvs_test_report();
}
