import { BlockList, isIP } from 'node:net';

/**
 * Whether NO_PROXY, or being this machine itself, keeps a host from being reached through a proxy.
 *
 * The entries are separated by commas or blanks: `*` for all hosts, a name for itself and what ends
 * in it (`example.com`, `.example.com` and `*.example.com` are the same), an address, or a network
 * such as 10.0.0.0/8; a port behind a name or an address makes it apply to that port only.
 */
export function bypasses(noProxy: string, hostname: string, port: number): boolean {
  const host = hostname.toLowerCase().replace(/\.$/, '');
  if (isLoopback(host)) return true;
  return noProxy
    .toLowerCase()
    .split(/[\s,]+/)
    .some((entry) => entry !== '' && matches(entry, host, port));
}

/** Whether a host is this machine by name or address. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || contains('127.0.0.0/8', host)
    ? true
    : host === '::1';
}

function matches(entry: string, host: string, port: number): boolean {
  if (entry === '*') return true;
  if (entry.includes('/')) return contains(entry, host);
  const [name, onlyPort] = splitPort(entry);
  if (onlyPort !== undefined && onlyPort !== port) return false;
  if (isIP(name) !== 0) return name === host;
  const domain = name.replace(/^\*?\./, '');
  return domain !== '' && (host === domain || host.endsWith(`.${domain}`));
}

/** Splits `name:80` and `[::1]:80`; the colons of a bare IPv6 address are no ports. */
function splitPort(entry: string): [name: string, port: number | undefined] {
  if (isIP(entry) !== 0) return [entry, undefined];
  const [, name = entry, digits] = /^(.*?)(?::(\d+))?$/.exec(entry) ?? [];
  return [name.replace(/^\[(.*)\]$/, '$1'), digits === undefined ? undefined : Number(digits)];
}

function contains(network: string, host: string): boolean {
  const [prefix = '', length = ''] = network.split('/');
  const family = isIP(prefix);
  const bits = Number(length);
  const isNetwork = /^\d{1,3}$/.test(length) && bits <= (family === 6 ? 128 : 32);
  if (family === 0 || isIP(host) !== family || !isNetwork) return false;
  const type = family === 6 ? 'ipv6' : 'ipv4';
  const list = new BlockList();
  list.addSubnet(prefix, bits, type);
  return list.check(host, type);
}
