// Makes the six calls with a published client, and ends when all of them are delivered.
// argv: client, url, write key, user, "gzip" or "plain", the moment of the calls.
'use strict';

const [name, url, writeKey, user, encoding, moment] = process.argv.slice(2);
const timestamp = new Date(moment);
const before = `${user}-before`;
const traits = { email: `${user}@shop.example`, plan: 'gold', address: { city: 'Köln' } };
const order = {
  order_id: 'o-1',
  currency: 'EUR',
  revenue: 12.5,
  products: [
    { product_id: 'p-1', name: 'Größe L', price: 2.5, quantity: 3 },
    { product_id: 'p-2', category: 'Tea', price: 5, quantity: 1 },
  ],
};

function makeTheSixCalls(client) {
  const common = { userId: user, timestamp };
  client.identify({ ...common, anonymousId: before, traits });
  client.track({ ...common, event: 'Order Completed', properties: order });
  client.page({
    ...common,
    name: 'Home',
    category: 'Shop',
    properties: { url: 'https://shop.example/' },
  });
  client.screen({ ...common, name: 'Cart', properties: { items: 2 } });
  client.group({ ...common, groupId: 'g-1', traits: { name: 'The Millers' } });
  client.alias({ ...common, previousId: before });
}

async function segment() {
  const { Analytics } = require('@segment/analytics-node');
  const client = new Analytics({ writeKey, host: url, maxRetries: 5 });
  const failures = [];
  client.on('error', (error) => failures.push(error));
  makeTheSixCalls(client);
  await client.closeAndFlush({ timeout: 60000 });
  return failures;
}

async function rudderstack() {
  const Analytics = require('@rudderstack/rudder-sdk-node');
  const failures = [];
  const client = new Analytics(writeKey, {
    dataPlaneUrl: url,
    gzip: encoding === 'gzip',
    retryCount: 5,
    errorHandler: (error) => failures.push(error),
  });
  makeTheSixCalls(client);
  await client.flush();
  return failures;
}

({ segment, rudderstack })[name]().then((failures) => {
  for (const failure of failures) {
    console.error(failure);
  }
  process.exit(failures.length === 0 ? 0 : 1);
});
