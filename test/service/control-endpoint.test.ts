import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KinesisVideoClient } from '@aws-sdk/client-kinesis-video';
import * as assert from 'uvu/assert';
import { KinesisVideoError } from '../../ts/internal/errors.js';
import {
  configuredEndpoint,
  resolveControlEndpoint,
  resolveRegion,
  type EndpointChoice,
} from '../../ts/service/index.js';
import { setEnvironment } from '../network/support/dialing.js';
import { suite, type TestContext } from '../support/suite.js';

const test = suite('endpoint of the control plane', { timeout: 15_000 });

const VARIABLES = [
  'AWS_ENDPOINT_URL_KINESIS_VIDEO',
  'AWS_ENDPOINT_URL',
  'AWS_IGNORE_CONFIGURED_ENDPOINT_URLS',
  'AWS_USE_DUALSTACK_ENDPOINT',
  'AWS_USE_FIPS_ENDPOINT',
  'AWS_PROFILE',
  'AWS_REGION',
  'AWS_DEFAULT_REGION',
];

/** Sets up an environment with these variables and these shared files, and nothing else. */
function configure(
  t: TestContext,
  variables: Record<string, string> = {},
  files: { config?: string; credentials?: string } = {},
): void {
  const folder = mkdtempSync(join(tmpdir(), 'kvs-endpoint-'));
  t.after(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  writeFileSync(join(folder, 'config'), files.config ?? '');
  writeFileSync(join(folder, 'credentials'), files.credentials ?? '');
  setEnvironment(t, {
    ...Object.fromEntries(VARIABLES.map((name) => [name, undefined])),
    AWS_CONFIG_FILE: join(folder, 'config'),
    AWS_SHARED_CREDENTIALS_FILE: join(folder, 'credentials'),
    ...variables,
  });
}

async function failure(work: Promise<unknown>): Promise<KinesisVideoError> {
  const error: unknown = await work.then(
    () => new Error('it did not fail'),
    (reason: unknown) => reason,
  );
  assert.instance(error, KinesisVideoError);
  return error as KinesisVideoError;
}

/** Region, what it is called at without flags, with dual-stack, with FIPS, and with both. */
const HOSTS: readonly (readonly [region: string, legacy: string, dual: string, fips: boolean])[] = [
  ['us-west-2', 'amazonaws.com', 'api.aws', false],
  ['mx-central-1', 'amazonaws.com', 'api.aws', false],
  ['cn-north-1', 'amazonaws.com.cn', 'api.amazonwebservices.com.cn', false],
  ['us-gov-west-1', 'amazonaws.com', 'api.aws', true],
  ['us-iso-east-1', 'c2s.ic.gov', 'api.aws.ic.gov', true],
  ['us-isob-east-1', 'sc2s.sgov.gov', 'api.aws.scloud', true],
  ['eu-isoe-west-1', 'cloud.adc-e.uk', 'api.cloud-aws.adc-e.uk', false],
  ['us-isof-south-1', 'csp.hci.ic.gov', 'api.aws.hci.ic.gov', false],
  ['eusc-de-east-1', 'amazonaws.eu', 'api.amazonwebservices.eu', false],
  ['xx-new-1', 'amazonaws.com', 'api.aws', false],
];

for (const [region, legacy, dual, isFipsDefault] of HOSTS) {
  test(`${region} has its four endpoints, by options and by variables`, async (t) => {
    const plain = isFipsDefault ? 'kinesisvideo-fips' : 'kinesisvideo';
    for (const [variables, options, host] of [
      [{}, {}, `${plain}.${region}.${legacy}`],
      [{ AWS_USE_DUALSTACK_ENDPOINT: 'TRUE' }, {}, `${plain}.${region}.${dual}`],
      [{}, { useDualstackEndpoint: true }, `${plain}.${region}.${dual}`],
      [{ AWS_USE_FIPS_ENDPOINT: 'true' }, {}, `kinesisvideo-fips.${region}.${legacy}`],
      [{}, { useFipsEndpoint: true }, `kinesisvideo-fips.${region}.${legacy}`],
      [{ AWS_USE_FIPS_ENDPOINT: 'False' }, {}, `kinesisvideo.${region}.${legacy}`],
      [
        {},
        { useFipsEndpoint: true, useDualstackEndpoint: true },
        `kinesisvideo-fips.${region}.${dual}`,
      ],
      [
        { AWS_USE_DUALSTACK_ENDPOINT: 'true' },
        { useDualstackEndpoint: false },
        `${plain}.${region}.${legacy}`,
      ],
    ] as [Record<string, string>, EndpointChoice, string][]) {
      configure(t, variables);
      assert.is(await resolveControlEndpoint(region, options), `https://${host}`);
    }
  });

  test(`the SDK calls ${region} at the same places`, async (t) => {
    configure(t);
    const client = new KinesisVideoClient({ region });
    t.after(() => {
      client.destroy();
    });
    for (const useDualstackEndpoint of [false, true]) {
      for (const useFipsEndpoint of [false, true]) {
        const { url } = client.config.endpointProvider({
          Region: region,
          UseDualStack: useDualstackEndpoint,
          UseFIPS: useFipsEndpoint,
        });
        const flags = { useDualstackEndpoint, useFipsEndpoint };
        assert.is(await resolveControlEndpoint(region, flags), url.href.replace(/\/$/, ''));
      }
    }
  });
}

const PROFILE = `
[default]
endpoint_url = http://default.test
use_dualstack_endpoint = true

[profile camera]
services = local
endpoint_url = http://profile.test

[services local]
kinesis_video =
  endpoint_url = http://services.test

[profile plain]
endpoint_url = http://plain.test
ignore_configured_endpoint_urls = true
use_fips_endpoint = true

[profile broken]
services = nowhere
`;

for (const [what, variables, options, expected] of [
  [
    'the option counts before everything',
    { AWS_ENDPOINT_URL: 'http://variable.test' },
    { endpoint: 'http://option.test' },
    'http://option.test',
  ],
  [
    'the variable of the service counts before that of all services',
    { AWS_ENDPOINT_URL_KINESIS_VIDEO: 'http://own.test', AWS_ENDPOINT_URL: 'http://all.test' },
    {},
    'http://own.test',
  ],
  [
    'a variable counts before the profile',
    { AWS_ENDPOINT_URL: 'http://variable.test', AWS_PROFILE: 'camera' },
    {},
    'http://variable.test',
  ],
  [
    'the section of services counts before the profile',
    { AWS_PROFILE: 'camera' },
    {},
    'http://services.test',
  ],
  ['the profile counts before the region', {}, {}, 'http://default.test'],
  [
    'a URL of the environment counts before flags of the environment',
    { AWS_ENDPOINT_URL: 'http://variable.test', AWS_USE_DUALSTACK_ENDPOINT: 'true' },
    {},
    'http://variable.test',
  ],
  [
    'a profile can have URLs ignored, and its flags count',
    { AWS_PROFILE: 'plain' },
    {},
    'https://kinesisvideo-fips.us-west-2.amazonaws.com',
  ],
  [
    'URLs are ignored with AWS_IGNORE_CONFIGURED_ENDPOINT_URLS',
    { AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'True', AWS_ENDPOINT_URL: 'http://variable.test' },
    {},
    'https://kinesisvideo.us-west-2.api.aws',
  ],
] as [string, Record<string, string>, EndpointChoice, string][]) {
  test(what, async (t) => {
    configure(t, variables, { config: PROFILE });
    assert.is(await resolveControlEndpoint('us-west-2', options), expected);
    const isConfigured = options.endpoint === undefined && expected.startsWith('http:');
    if (isConfigured) assert.is(await configuredEndpoint(), expected);
  });
}

for (const [what, variables, options, pattern] of [
  [
    'a flag beside an endpoint',
    {},
    { endpoint: 'http://option.test', useFipsEndpoint: true },
    /`useFipsEndpoint` has no effect with `endpoint`/,
  ],
  [
    'a flag beside an endpoint of the environment',
    { AWS_ENDPOINT_URL: 'http://variable.test' },
    { useDualstackEndpoint: true },
    /`useDualstackEndpoint` has no effect with AWS_ENDPOINT_URL/,
  ],
  [
    'a variable that is no URL',
    { AWS_ENDPOINT_URL: 'variable.test' },
    {},
    /for AWS_ENDPOINT_URL but received "variable\.test"/,
  ],
  [
    'a flag that is neither true nor false',
    { AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'yes' },
    {},
    /true or false for AWS_IGNORE_CONFIGURED_ENDPOINT_URLS but received "yes"/,
  ],
  [
    'a section of services that is not there',
    { AWS_PROFILE: 'broken' },
    {},
    /profile broken names the section \[services nowhere\]/,
  ],
] as [string, Record<string, string>, EndpointChoice, RegExp][]) {
  test(`${what} is refused by name`, async (t) => {
    configure(t, variables, { config: PROFILE });
    const error = await failure(resolveControlEndpoint('us-west-2', options));
    assert.is(error.code, 'STATUS_INVALID_ARG');
    assert.match(error.message, pattern);
  });
}

test('a flag that is false goes with an endpoint', async (t) => {
  configure(t);
  const options = { endpoint: 'http://option.test', useFipsEndpoint: false };
  assert.is(await resolveControlEndpoint('us-west-2', options), 'http://option.test');
});

test('the region of the credentials file counts before that of the config file, as in the SDK', async (t) => {
  configure(
    t,
    {},
    {
      config: '[default]\nregion = eu-west-1\n',
      credentials: '[default]\nregion = eu-north-1\n',
    },
  );
  const client = new KinesisVideoClient({});
  t.after(() => {
    client.destroy();
  });
  assert.is(await client.config.region(), 'eu-north-1');
  assert.is(await resolveRegion(), 'eu-north-1');
});
