#include "ack_log.h"

KVS_TEST(acknowledgements_as_the_service_sends_them_are_read) {
    const struct ack_case cases[] = {
        {"{\"EventType\":\"BUFFERING\",\"FragmentTimecode\":0,\"FragmentNumber\":"
         "\"91343852333754009371412493862204112772176002064\"}\n",
         "BUFFERING 0 [91343852333754009371412493862204112772176002064]\n"},
        {"{\"EventType\":\"RECEIVED\",\"FragmentTimecode\":1735787045250,\"FragmentNumber\":\"1\"}",
         "RECEIVED 1735787045250 [1]\n"},
        {"{\"EventType\":\"PERSISTED\",\"FragmentTimecode\":9223372036854775807,"
         "\"FragmentNumber\":\"2\"}\r\n",
         "PERSISTED 9223372036854775807 [2]\n"},
        {"{\"EventType\":\"ERROR\",\"FragmentTimecode\":0,\"FragmentNumber\":\"9134\","
         "\"ErrorCode\":\"FRAGMENT_TIMECODE_LESSER_THAN_PREVIOUS\",\"ErrorId\":4004}\n",
         "ERROR 0 [9134] 4004 [FRAGMENT_TIMECODE_LESSER_THAN_PREVIOUS]\n"},
        {"{\"EventType\":\"ERROR\",\"FragmentTimecode\":-1,\"FragmentNumber\":\"\","
         "\"ErrorCode\":\"INVALID_MKV_DATA\",\"ErrorId\":4006}\n",
         "ERROR - [] 4006 [INVALID_MKV_DATA]\n"},
        {"{\"EventType\":\"IDLE\"}\n", "IDLE - []\n"},
    };
    CHECK_CASES(cases);
}

KVS_TEST(several_acknowledgements_in_one_chunk_all_come_out) {
    const struct ack_case cases[] = {
        {"{\"EventType\":\"BUFFERING\",\"FragmentTimecode\":1}\n"
         "{\"EventType\":\"RECEIVED\",\"FragmentTimecode\":1}\n"
         "{\"EventType\":\"BUFFERING\",\"FragmentTimecode\":2}\n"
         "{\"EventType\":\"PERSISTED\",\"FragmentTimecode\":1}\n",
         "BUFFERING 1 []\nRECEIVED 1 []\nBUFFERING 2 []\nPERSISTED 1 []\n"},
        {"{\"EventType\":\"IDLE\"}{\"EventType\":\"IDLE\"} \t {\"EventType\":\"IDLE\"}",
         "IDLE - []\nIDLE - []\nIDLE - []\n"},
        {" \r\n\r\n{\"EventType\":\"IDLE\"}\r\n\r\n\n", "IDLE - []\n"},
        {"", ""},
    };
    CHECK_CASES(cases);
}

KVS_TEST(order_white_space_and_unknown_keys_do_not_matter) {
    const struct ack_case cases[] = {
        {"{ \"FragmentNumber\" : \"7\" ,\r\n \"FragmentTimecode\"\t: 5 , \"EventType\": "
         "\"PERSISTED\"\n}",
         "PERSISTED 5 [7]\n"},
        {"{\"New\":\"x\",\"EventType\":\"RECEIVED\",\"N\":12.5e-3,\"T\":true,\"F\":false,"
         "\"Z\":null,\"FragmentTimecode\":5,\"\":\"\"}",
         "RECEIVED 5 []\n"},
        {"{\"A\":{\"EventType\":\"IDLE\",\"ErrorId\":[1,{\"FragmentTimecode\":3}],\"B\":{}},"
         "\"EventType\":\"BUFFERING\",\"C\":[],\"D\":[[],[{}],\"]}\",-0.5],\"FragmentTimecode\":4}",
         "BUFFERING 4 []\n"},
        {"{\"A\":\"}{\\\"\",\"EventType\":\"IDLE\"}", "IDLE - []\n"},
        {"{\"eventtype\":\"X\",\"EventTypes\":1,\"EventTyp\":2,\"EventType\":\"IDLE\"}",
         "IDLE - []\n"},
    };
    CHECK_CASES(cases);
}

KVS_TEST(escapes_are_decoded_in_keys_and_values) {
    const struct ack_case cases[] = {
        {"{\"Event\\u0054ype\":\"\\u0049DLE\"}", "IDLE - []\n"},
        {"{\"EventType\":\"ERROR\",\"ErrorId\":1,\"ErrorCode\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"}",
         "ERROR - [] 1 [\"\\/\b\f\n\r\t]\n"},
        {"{\"EventType\":\"ERROR\",\"ErrorId\":1,\"ErrorCode\":\"\\u00e9\\u20AC\\ud83d\\ude00\"}",
         "ERROR - [] 1 [\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80]\n"},
        {"{\"EventType\":\"ERROR\",\"ErrorId\":1,\"ErrorCode\":\"\\ud83dx\\ude00\\u0000\\ud83d\"}",
         "ERROR - [] 1 [\xEF\xBF\xBDx\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD]\n"},
        {"{\"EventType\":\"ERROR\",\"ErrorId\":1,\"ErrorCode\":"
         "\"\\ud83d\\ud83d\\ude00\\ud83d\\n\"}",
         "ERROR - [] 1 [\xEF\xBF\xBD\xF0\x9F\x98\x80\xEF\xBF\xBD\n]\n"},
        {"{\"EventType\":\"IDLE\",\"FragmentNumber\":\"\xC3\xA9\"}", "IDLE - [\xC3\xA9]\n"},
    };
    CHECK_CASES(cases);
}

KVS_TEST(an_absent_null_or_minus_one_timecode_is_none) {
    const struct ack_case cases[] = {
        {"{\"EventType\":\"PERSISTED\"}", "PERSISTED - []\n"},
        {"{\"EventType\":\"PERSISTED\",\"FragmentTimecode\":null,\"FragmentNumber\":null}",
         "PERSISTED - []\n"},
        {"{\"EventType\":\"PERSISTED\",\"FragmentTimecode\":-1}", "PERSISTED - []\n"},
        {"{\"EventType\":\"PERSISTED\",\"FragmentTimecode\":\"-1\"}", "PERSISTED - []\n"},
        {"{\"EventType\":\"PERSISTED\",\"FragmentTimecode\":-1.0}", "PERSISTED - []\n"},
    };
    CHECK_CASES(cases);
}

KVS_TEST(a_whole_number_is_read_in_any_notation) {
    const struct ack_case cases[] = {
        {"{\"EventType\":\"RECEIVED\",\"FragmentTimecode\":1.7E9}", "RECEIVED 1700000000 []\n"},
        {"{\"EventType\":\"RECEIVED\",\"FragmentTimecode\":1500.00}", "RECEIVED 1500 []\n"},
        {"{\"EventType\":\"RECEIVED\",\"FragmentTimecode\":1735787045250.000e+0}",
         "RECEIVED 1735787045250 []\n"},
        {"{\"EventType\":\"RECEIVED\",\"FragmentTimecode\":25000e-3}", "RECEIVED 25 []\n"},
        {"{\"EventType\":\"RECEIVED\",\"FragmentTimecode\":0.000000000000000000000000000005e30}",
         "RECEIVED 5 []\n"},
        {"{\"EventType\":\"RECEIVED\",\"FragmentTimecode\":-0e99999999999}", "RECEIVED 0 []\n"},
        {"{\"EventType\":\"RECEIVED\",\"FragmentTimecode\":\"42\"}", "RECEIVED 42 []\n"},
        {"{\"EventType\":\"ERROR\",\"ErrorId\":\"4006\"}", "ERROR - [] 4006 []\n"},
        {"{\"EventType\":\"ERROR\",\"ErrorId\":4.006e3}", "ERROR - [] 4006 []\n"},
        {"{\"EventType\":\"ERROR\",\"ErrorId\":4294967295}", "ERROR - [] 4294967295 []\n"},
    };
    CHECK_CASES(cases);
}

KVS_TEST(a_number_that_does_not_fit_is_an_error) {
    const char *const values[] = {
        "-2",
        "12.5",
        "9223372036854775808",
        "1e19",
        "18446744073709551615",
        "-18446744073709551615",
        "18446744073709551617",
        "18446744073709551620",
        "1e-1",
        "1e99",
        "\"\"",
        "\"12x\"",
        "\"0x10\"",
        "\"-\"",
        "\"1.\"",
        "\"1e\"",
        "\"+1\"",
        "\" 1\"",
        "1.00000000000000000000000000000000000000000000000000000000000000000000000000000000"
        "0000000000000000000000000000000000000000000000000000000000000000000000000000000005",
        "99999999999999999999999999999999999999999999999999999999999999999999999999999999"
        "99999999999999999999999999999999999999999999999999999999999999999999999999999999",
    };
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        char input[512];
        snprintf(input, sizeof(input), "{\"EventType\":\"IDLE\",\"FragmentTimecode\":%s}",
                 values[i]);
        struct ack_case c = {input, "INVALID_ACK_INVALID_VALUE_END\n"};
        check_case(&c);
    }
    const struct ack_case ids[] = {
        {"{\"EventType\":\"ERROR\",\"ErrorId\":4294967296}", "INVALID_ACK_INVALID_VALUE_END\n"},
        {"{\"EventType\":\"ERROR\",\"ErrorId\":-1}", "INVALID_ACK_INVALID_VALUE_END\n"},
    };
    CHECK_CASES(ids);
}

KVS_TEST(only_an_error_has_an_error_id_and_code) {
    const char input[] = "{\"EventType\":\"IDLE\",\"ErrorId\":4006,\"ErrorCode\":\"X\"}";
    struct kvs_ack_parser parser;
    struct kvs_span span = kvs_span_of(input, strlen(input));
    struct kvs_ack ack = {.error_id = 1, .error_code = "?"};
    bool ready = false;
    kvs_ack_parser_init(&parser);
    CHECK_STATUS(kvs_ack_parser_next(&parser, &span, &ack, &ready), KVS_STATUS_SUCCESS);
    CHECK(ready);
    CHECK_EQ(ack.error_id, 0);
    CHECK_EQ(ack.error_code[0], 0);
}

KVS_TEST(values_may_nest_sixteen_deep_and_no_deeper) {
    const struct ack_case cases[] = {
        {"{\"a\":[[[[[[[[[[[[[[[]]]]]]]]]]]]]]],\"EventType\":\"IDLE\"}", "IDLE - []\n"},
        {"{\"a\":[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]],\"EventType\":\"IDLE\"}{\"EventType\":\"IDLE\"}",
         "INVALID_ACK_INVALID_VALUE_START\nIDLE - []\n"},
        {"{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{"
         "\"a\":{\"a\":{\"a\":{}}}}}}}}}}}}}}},\"EventType\":\"IDLE\"}",
         "IDLE - []\n"},
        {"{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{"
         "\"a\":{\"a\":{\"a\":{\"a\":{}}}}}}}}}}}}}}}},\"EventType\":\"IDLE\"}"
         "{\"EventType\":\"IDLE\"}",
         "INVALID_ACK_INVALID_VALUE_START\nIDLE - []\n"},
    };
    CHECK_CASES(cases);
}

KVS_TEST(long_texts_are_cut_and_long_types_and_numbers_are_errors) {
    char digits[201];
    char input[1024];
    char expected[512];
    memset(digits, '7', 200);
    digits[200] = '\0';
    snprintf(
        input, sizeof(input),
        "{\"EventType\":\"ERROR\",\"FragmentNumber\":\"%s\",\"ErrorId\":1,\"ErrorCode\":\"%s\","
        "\"%s\":1}",
        digits, digits, digits);
    snprintf(expected, sizeof(expected), "ERROR - [%.128s] 1 [%.64s]\n", digits, digits);
    struct ack_case cut = {input, expected};
    check_case(&cut);

    snprintf(input, sizeof(input), "{\"EventType\":\"IDLE%s\"}", digits);
    struct ack_case type = {input, "INVALID_PARSED_ACK_TYPE\n"};
    check_case(&type);

    snprintf(input, sizeof(input), "{\"Unknown\":%s,\"EventType\":\"IDLE\"}", digits);
    struct ack_case number = {input, "INVALID_ACK_INVALID_VALUE_END\n"};
    check_case(&number);
}

KVS_TEST(any_two_cuts_of_a_mixed_body_give_the_same_events) {
    const char body[] =
        "{\"EventType\":\"BUFFERING\",\"FragmentTimecode\":10,\"FragmentNumber\":\"1\"}\r\n"
        "{\"EventType\":\"\\u0052ECEIVED\",\"Extra\":{\"a\":[1,\"}\"]},\"FragmentTimecode\":1e1}\n"
        "{\"EventType\":\"PERSIS\n"
        " {\"EventType\":\"ERROR\",\"ErrorId\":\"4006\",\"ErrorCode\":\"\\\"\\\\\"}{\"a\":tru}xx"
        "{\"EventType\":\"IDLE\"}\n";
    const char expected[] = "BUFFERING 10 [1]\n"
                            "RECEIVED 10 []\n"
                            "INVALID_ACK_INVALID_VALUE_END\n"
                            "ERROR - [] 4006 [\"\\]\n"
                            "INVALID_ACK_INVALID_VALUE_END\n"
                            "INVALID_ACK_KEY_START\n"
                            "IDLE - []\n";
    size_t len = strlen(body);
    bool same = true;
    for (size_t first = 0; first <= len; first++) {
        for (size_t second = first; second <= len && same; second++) {
            same = check_log(body, len, first, second, expected);
        }
    }
}

KVS_TEST(missing_arguments_are_refused) {
    struct kvs_ack_parser parser;
    struct kvs_span input = kvs_span_of("{", 1);
    struct kvs_ack ack;
    bool ready = true;
    kvs_ack_parser_init(&parser);
    CHECK_STATUS(kvs_ack_parser_next(NULL, &input, &ack, &ready), KVS_STATUS_NULL_ARG);
    CHECK_STATUS(kvs_ack_parser_next(&parser, NULL, &ack, &ready), KVS_STATUS_NULL_ARG);
    CHECK_STATUS(kvs_ack_parser_next(&parser, &input, NULL, &ready), KVS_STATUS_NULL_ARG);
    CHECK_STATUS(kvs_ack_parser_next(&parser, &input, &ack, NULL), KVS_STATUS_NULL_ARG);
    CHECK_EQ(input.len, 1);
}

KVS_TEST(a_failure_leaves_the_outputs_alone) {
    struct kvs_ack_parser parser;
    struct kvs_span input = kvs_span_of("{x", 2);
    struct kvs_ack ack;
    struct kvs_ack before;
    bool ready = true;
    memset(&ack, 0x5A, sizeof(ack));
    memcpy(&before, &ack, sizeof(ack));
    kvs_ack_parser_init(&parser);
    CHECK_STATUS(kvs_ack_parser_next(&parser, &input, &ack, &ready),
                 KVS_STATUS_INVALID_ACK_KEY_START);
    CHECK(ready);
    CHECK_MEM(&ack, &before, sizeof(ack));
}

int main(void) {
    RUN(acknowledgements_as_the_service_sends_them_are_read);
    RUN(several_acknowledgements_in_one_chunk_all_come_out);
    RUN(order_white_space_and_unknown_keys_do_not_matter);
    RUN(escapes_are_decoded_in_keys_and_values);
    RUN(an_absent_null_or_minus_one_timecode_is_none);
    RUN(a_whole_number_is_read_in_any_notation);
    RUN(a_number_that_does_not_fit_is_an_error);
    RUN(only_an_error_has_an_error_id_and_code);
    RUN(values_may_nest_sixteen_deep_and_no_deeper);
    RUN(long_texts_are_cut_and_long_types_and_numbers_are_errors);
    RUN(any_two_cuts_of_a_mixed_body_give_the_same_events);
    RUN(missing_arguments_are_refused);
    RUN(a_failure_leaves_the_outputs_alone);
    return kvs_test_report();
}
