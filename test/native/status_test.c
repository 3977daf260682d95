#include "kvs/status.h"

#include <string.h>

#include "test.h"

struct row {
    kvs_status code;
    const char *name;
    const char *text;
};

static const struct row rows[] = {
#define ROW(name, code, text) {code, "STATUS_" #name, text},
    KVS_STATUS_TABLE(ROW)
#undef ROW
};

static const size_t row_count = sizeof(rows) / sizeof(rows[0]);

static const struct row aliases[] = {
#define ROW(alias, name) {KVS_STATUS_##name, "STATUS_" #alias, NULL},
    KVS_STATUS_ALIAS_TABLE(ROW)
#undef ROW
};

static const size_t alias_count = sizeof(aliases) / sizeof(aliases[0]);

KVS_TEST(every_code_gives_its_name_and_text) {
    CHECK_EQ(row_count, 315);
    for (size_t i = 0; i < row_count; i++) {
        CHECK(strcmp(kvs_status_name(rows[i].code), rows[i].name) == 0);
        CHECK(strcmp(kvs_status_text(rows[i].code), rows[i].text) == 0);
    }
}

KVS_TEST(every_name_and_alias_gives_its_code) {
    for (size_t i = 0; i < row_count; i++) {
        kvs_status status = 0;
        CHECK_STATUS(kvs_status_from_name(rows[i].name, &status), KVS_STATUS_SUCCESS);
        CHECK_STATUS(status, rows[i].code);
    }
    CHECK_EQ(alias_count, 49);
    for (size_t i = 0; i < alias_count; i++) {
        kvs_status status = 0;
        CHECK_STATUS(kvs_status_from_name(aliases[i].name, &status), KVS_STATUS_SUCCESS);
        CHECK_STATUS(status, aliases[i].code);
        CHECK(strcmp(kvs_status_name(status), aliases[i].name) != 0);
    }
}

KVS_TEST(codes_ascend_and_so_are_unique) {
    CHECK(rows[0].code > KVS_STATUS_SUCCESS);
    for (size_t i = 1; i < row_count; i++) {
        CHECK(rows[i - 1].code < rows[i].code);
    }
}

KVS_TEST(a_text_is_one_short_plain_sentence) {
    for (size_t i = 0; i < row_count; i++) {
        const char *text = rows[i].text;
        size_t len = strlen(text);
        if (!CHECK(len >= 20 && len <= 160)) {
            continue;
        }
        CHECK(text[0] >= 'A' && text[0] <= 'Z');
        CHECK(text[len - 1] == '.');
        for (size_t at = 0; at < len; at++) {
            CHECK(text[at] >= ' ' && text[at] <= '~');
        }
    }
}

KVS_TEST(success_has_a_name_and_a_text) {
    kvs_status status = KVS_STATUS_NULL_ARG;
    CHECK(strcmp(kvs_status_name(KVS_STATUS_SUCCESS), "STATUS_SUCCESS") == 0);
    CHECK(strcmp(kvs_status_text(KVS_STATUS_SUCCESS), "The operation succeeded.") == 0);
    CHECK_STATUS(kvs_status_from_name("STATUS_SUCCESS", &status), KVS_STATUS_SUCCESS);
    CHECK_STATUS(status, KVS_STATUS_SUCCESS);
}

KVS_TEST(a_number_that_is_no_status_is_named_unknown) {
    const kvs_status strangers[] = {0x20,        0x10000000u, 0x15000021u, 0x5200001au,
                                    0x52000090u, 0x5200009bu, UINT32_MAX};
    for (size_t i = 0; i < sizeof(strangers) / sizeof(strangers[0]); i++) {
        CHECK(strcmp(kvs_status_name(strangers[i]), "STATUS_UNKNOWN") == 0);
        CHECK(strstr(kvs_status_text(strangers[i]), "not a status") != NULL);
    }
}

KVS_TEST(an_unknown_name_is_not_found_and_leaves_the_output_alone) {
    const char *strangers[] = {
        "", "STATUS_", "NULL_ARG", "status_null_arg", "STATUS_NULL_ARG ", "STATUS_UNKNOWN"};
    kvs_status status = 77;
    for (size_t i = 0; i < sizeof(strangers) / sizeof(strangers[0]); i++) {
        CHECK_STATUS(kvs_status_from_name(strangers[i], &status), KVS_STATUS_NOT_FOUND);
        CHECK_EQ(status, 77);
    }
    CHECK_STATUS(kvs_status_from_name(NULL, &status), KVS_STATUS_NULL_ARG);
    CHECK_STATUS(kvs_status_from_name("STATUS_NULL_ARG", NULL), KVS_STATUS_NULL_ARG);
}

struct result_case {
    uint32_t result;
    kvs_status status;
};

KVS_TEST(a_service_result_becomes_its_status) {
    const struct result_case cases[] = {
        {200, KVS_STATUS_SUCCESS}, {10401, KVS_STATUS_SUCCESS}, {406, 0x52000014},
        {10005, 0x52000015},       {10004, 0x52000016},         {401, 0x52000010},
        {403, 0x52000010},         {404, 0x52000017},           {10003, 0x52000032},
        {408, 0x52000037},         {504, 0x52000037},           {598, 0x52000037},
        {599, 0x52000037},         {10400, 0x52000036},         {10000, 0x52000033},
        {10001, 0x52000034},       {10002, 0x52000035},         {400, 0x52000031},
        {429, 0x52000031},         {500, 0x52000031},           {501, 0x52000031},
        {503, 0x52000031},         {10006, 0x52000031},         {10007, 0x52000031},
        {10008, 0x52000031},       {10009, 0x52000031},         {0, 0x52000031},
        {6000, 0x52000031},        {UINT32_MAX, 0x52000031},    {3999, 0x52000031},
        {4000, 0x5200005c},        {4006, 0x52000062},          {4507, 0x5200006c},
        {5001, 0x5200006e},        {4013, 0x5200006f},          {5999, 0x5200006f},
        {7000, 0x5200006f},        {7001, 0x52000031},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        CHECK_STATUS(kvs_status_from_service_result(cases[i].result), cases[i].status);
    }
}

KVS_TEST(the_error_id_of_an_acknowledgement_becomes_its_status) {
    const struct result_case cases[] = {
        {4000, 0x5200005c}, {4001, 0x5200005d}, {4002, 0x5200005e}, {4003, 0x5200005f},
        {4004, 0x52000060}, {4005, 0x52000061}, {4006, 0x52000062}, {4007, 0x52000063},
        {4008, 0x52000064}, {4009, 0x52000075}, {4010, 0x5200007c}, {4011, 0x5200007d},
        {4012, 0x5200007e}, {4500, 0x52000065}, {4501, 0x52000066}, {4502, 0x52000067},
        {4503, 0x52000068}, {4504, 0x52000069}, {4505, 0x5200006a}, {4506, 0x5200006b},
        {4507, 0x5200006c}, {5000, 0x5200006d}, {5001, 0x5200006e},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        CHECK_STATUS(kvs_status_from_ack_error(cases[i].result), cases[i].status);
    }
}

KVS_TEST(an_unknown_error_id_never_becomes_success) {
    const uint32_t ids[] = {0, 200, 3999, 4013, 4499, 4508, 4999, 5002, 7000, 10401, UINT32_MAX};
    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        CHECK_STATUS(kvs_status_from_ack_error(ids[i]), KVS_STATUS_ACK_ERR_UNKNOWN_ACK_ERROR);
    }
}

KVS_TEST(only_faults_of_the_fragment_make_it_skipped) {
    size_t skipped = 0;
    for (uint32_t result = 0; result < 20000; result++) {
        skipped += kvs_service_result_is_fragment_fault(result) ? 1 : 0;
    }
    CHECK_EQ(skipped, 2 + 4 + 4);
    const uint32_t faults[] = {4001, 4002, 4004, 4007, 4009, 4012};
    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
        CHECK(kvs_service_result_is_fragment_fault(faults[i]));
    }
    CHECK(!kvs_service_result_is_fragment_fault(4000));
    CHECK(!kvs_service_result_is_fragment_fault(4003));
    CHECK(!kvs_service_result_is_fragment_fault(4008));
    CHECK(!kvs_service_result_is_fragment_fault(4500));
    CHECK(!kvs_service_result_is_fragment_fault(5000));
}

KVS_TEST(the_producer_goes_on_after_a_fault_that_passes) {
    const kvs_status passing[] = {
        0x52000017, 0x52000032, 0x52000037, 0x5200005c, 0x5200005f, 0x5200006d,
        0x5200006e, 0x5200006f, 0x52000031, 0x5200004d, 0x5200004e, 0x5200004f,
        0x52000050, 0x52000047, 0x52000088, 0x52000062, 0x52000060, 0x5200005e,
        0x52000075, 0x5200005d, 0x5200007d, 0x52000011, 0x52000019, 0x5200002a,
        0x5200002d, 0x5200002b, 0x52000049, 0x1500000c, 0x16000001,
    };
    for (size_t i = 0; i < sizeof(passing) / sizeof(passing[0]); i++) {
        CHECK(kvs_status_is_retryable(passing[i]));
    }
}

KVS_TEST(the_application_must_act_after_a_fault_that_stays) {
    const kvs_status staying[] = {
        KVS_STATUS_SUCCESS,
        KVS_STATUS_INVALID_ARG,
        KVS_STATUS_STORE_OUT_OF_MEMORY,
        KVS_STATUS_SERVICE_CALL_NOT_AUTHORIZED_ERROR,
        KVS_STATUS_ACK_ERR_KMS_KEY_DISABLED,
        KVS_STATUS_ACK_ERR_STREAM_DELETED,
        KVS_STATUS_STREAM_BEING_SHUTDOWN,
        KVS_STATUS_CONTINUOUS_RETRY_RESET_FAILED,
        UINT32_MAX,
    };
    for (size_t i = 0; i < sizeof(staying) / sizeof(staying[0]); i++) {
        CHECK(!kvs_status_is_retryable(staying[i]));
    }
}

int main(void) {
    RUN(every_code_gives_its_name_and_text);
    RUN(every_name_and_alias_gives_its_code);
    RUN(codes_ascend_and_so_are_unique);
    RUN(a_text_is_one_short_plain_sentence);
    RUN(success_has_a_name_and_a_text);
    RUN(a_number_that_is_no_status_is_named_unknown);
    RUN(an_unknown_name_is_not_found_and_leaves_the_output_alone);
    RUN(a_service_result_becomes_its_status);
    RUN(the_error_id_of_an_acknowledgement_becomes_its_status);
    RUN(an_unknown_error_id_never_becomes_success);
    RUN(only_faults_of_the_fragment_make_it_skipped);
    RUN(the_producer_goes_on_after_a_fault_that_passes);
    RUN(the_application_must_act_after_a_fault_that_stays);
    return kvs_test_report();
}
