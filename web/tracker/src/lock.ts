import { uuid } from './ids';
import type { Storage } from './storage';

/** Milliseconds after which a tab that no longer renews its lease counts as gone. */
const LEASE = 5_000;

/** Milliseconds in which what another tab wrote at the same time shows. */
export const SETTLING = 50;

/**
 * Do something while no other tab of the site does it.
 *
 * Browsers have locks on https only. Elsewhere a lease in the store serves; two tabs that take it in
 * the same instant both go on, and send some messages twice, which the server counts once.
 *
 * @returns false when another tab is at it.
 */
export async function alone(
  name: string,
  storage: Storage,
  work: () => Promise<void>,
): Promise<boolean> {
  if (navigator.locks) {
    await navigator.locks.request(`patron.${name}`, work);
    return true;
  }
  const key = `lease.${name}`;
  const holder = uuid();
  const [, until = '0'] = (storage.get(key) ?? '').split(' ');
  if (Number(until) > Date.now()) return false;
  const renew = (): void => storage.set(key, `${holder} ${Date.now() + LEASE}`);
  const isMine = (): boolean => storage.get(key)?.split(' ')[0] === holder;
  renew();
  await new Promise((resolve) => setTimeout(resolve, SETTLING));
  if (!isMine()) return false;
  const timer = setInterval(() => isMine() && renew(), LEASE / 4);
  try {
    await work();
  } finally {
    clearInterval(timer);
    if (isMine()) storage.remove(key);
  }
  return true;
}
