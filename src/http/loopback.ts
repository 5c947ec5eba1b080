/** A host name or address, without port and brackets, that only this machine can mean. */
export function isLoopback(host: string): boolean {
  return /^(([a-z0-9-]+\.)*localhost|127(\.\d{1,3}){3}|::1)$/i.test(host);
}
