/** The value of a cookie. */
export function readCookie(name: string): string | undefined {
  for (const pair of document.cookie.split('; ')) {
    const at = pair.indexOf('=');
    if (pair.slice(0, at) === name) {
      try {
        return decodeURIComponent(pair.slice(at + 1));
      } catch {
        return undefined;
      }
    }
  }
  return undefined;
}

/** Set a cookie; with zero days, remove it. */
export function writeCookie(name: string, value: string, days: number, domain: string): void {
  document.cookie =
    `${name}=${encodeURIComponent(value)}; Path=/; SameSite=Lax; Max-Age=${days * 86_400}` +
    (domain && `; Domain=${domain}`) +
    (location.protocol === 'https:' ? '; Secure' : '');
}

/**
 * The widest domain that may hold cookies for this page: `shop.example` of `www.shop.example`.
 * Empty where only the host itself can. The browser knows which endings are public; it is asked.
 */
export function widestDomain(host: string): string {
  if (/^[\d.]+$|:/.test(host)) return '';
  const labels = host.split('.');
  for (let count = 2; count <= labels.length; count++) {
    const domain = labels.slice(-count).join('.');
    writeCookie('patron_try', '1', 1, domain);
    if (readCookie('patron_try')) {
      writeCookie('patron_try', '', 0, domain);
      return domain;
    }
  }
  return '';
}
