/** The partitions of AWS: which regions belong to each, and where its control plane is. */
interface Partition {
  readonly name: string;
  /** What the names of its regions begin with. */
  readonly prefix: string;
  readonly suffix: string;
  readonly dualStackSuffix: string;
  /** Whether FIPS endpoints are used unless told otherwise, as the C producer does. */
  readonly isFipsDefault: boolean;
}

const COMMERCIAL = partition('aws', '', 'amazonaws.com', 'api.aws');

const PARTITIONS: readonly Partition[] = [
  partition('aws-cn', 'cn-', 'amazonaws.com.cn', 'api.amazonwebservices.com.cn'),
  partition('aws-us-gov', 'us-gov-', 'amazonaws.com', 'api.aws', true),
  partition('aws-iso', 'us-iso-', 'c2s.ic.gov', 'api.aws.ic.gov', true),
  partition('aws-iso-b', 'us-isob-', 'sc2s.sgov.gov', 'api.aws.scloud', true),
  partition('aws-iso-e', 'eu-isoe-', 'cloud.adc-e.uk', 'api.cloud-aws.adc-e.uk'),
  partition('aws-iso-f', 'us-isof-', 'csp.hci.ic.gov', 'api.aws.hci.ic.gov'),
  partition('aws-eusc', 'eusc-', 'amazonaws.eu', 'api.amazonwebservices.eu'),
  COMMERCIAL,
];

function partition(
  name: string,
  prefix: string,
  suffix: string,
  dualStackSuffix: string,
  isFipsDefault = false,
): Partition {
  return { name, prefix, suffix, dualStackSuffix, isFipsDefault };
}

/** Which of a region's endpoints is meant. */
export interface EndpointVariant {
  /** IPv6 and IPv4 instead of IPv4 only. */
  readonly dualStack: boolean;
  /** With cryptography validated under FIPS 140; undefined for what the partition does by default. */
  readonly fips: boolean | undefined;
}

/** The URL of the control plane of a region. A region that is not known is taken for a new one of `aws`. */
export function regionalEndpoint(region: string, variant: EndpointVariant): string {
  const found = PARTITIONS.find(({ prefix }) => region.startsWith(prefix)) ?? COMMERCIAL;
  const host = (variant.fips ?? found.isFipsDefault) ? 'kinesisvideo-fips' : 'kinesisvideo';
  const suffix = variant.dualStack ? found.dualStackSuffix : found.suffix;
  return `https://${host}.${region}.${suffix}`;
}
