/** Which addresses of a name may be connected to. */
export type AddressFamily = 'ipv4' | 'ipv6';

/**
 * The family to keep to: the given one, else the one that AWS_KVS_USE_IPV4 or AWS_KVS_USE_IPV6 asks
 * for with any value. Both of them, or none, allow both families.
 */
export function resolveAddressFamily(given?: AddressFamily): AddressFamily | undefined {
  if (given !== undefined) return given;
  const ipv4 = Boolean(process.env['AWS_KVS_USE_IPV4']);
  const ipv6 = Boolean(process.env['AWS_KVS_USE_IPV6']);
  if (ipv4 === ipv6) return undefined;
  return ipv4 ? 'ipv4' : 'ipv6';
}
