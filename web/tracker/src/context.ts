import type { JsonObject } from './json';

export const VERSION = '0.1.0';

interface UserAgentData {
  brands: { brand: string; version: string }[];
  mobile: boolean;
  platform: string;
}

/** The campaign that an address names: `utm_campaign` as name, other `utm_*` under their names. */
export function campaignOf(search: string): JsonObject | undefined {
  const found: JsonObject = {};
  for (const [name, value] of new URLSearchParams(search)) {
    if (name.startsWith('utm_') && value) {
      found[name === 'utm_campaign' ? 'name' : name.slice(4)] = value;
    }
  }
  return Object.keys(found).length ? found : undefined;
}

/** The page as it stands, as messages tell it. */
export function pageNow(referrer: string): JsonObject {
  const canonical = document.querySelector('link[rel=canonical]')?.getAttribute('href');
  let path = location.pathname;
  try {
    if (canonical) path = new URL(canonical, location.href).pathname;
  } catch {
    // An address that cannot be read says nothing.
  }
  return {
    path,
    referrer,
    search: location.search,
    title: document.title,
    url: location.href.replace(/#.*$/, ''),
  };
}

/** What the browser tells of itself. */
export function browser(): JsonObject {
  const { userAgentData } = navigator as Navigator & { userAgentData?: UserAgentData };
  return {
    library: { name: 'patron.js', version: VERSION },
    locale: navigator.language,
    timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    screen: { width: screen.width, height: screen.height, density: devicePixelRatio },
    userAgent: navigator.userAgent,
    ...(userAgentData && {
      userAgentData: {
        brands: userAgentData.brands.map(({ brand, version }) => ({ brand, version })),
        mobile: userAgentData.mobile,
        platform: userAgentData.platform,
      },
    }),
  };
}
