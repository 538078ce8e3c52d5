/**
 * What most commits and snapshots hold, most common last: deflate reaches back from the end. Sealed values depend on
 * every byte of it, so it never changes; a better one gets a new name and a new format byte.
 */
export const DICTIONARY_1: Uint8Array = Buffer.from(
  [
    '"granted","denied","marketing","analytics","advertising","consent":{"categoryPreferences":{',
    '"firstName":"","lastName":"","name":"","email":"@example.com","phone":"+1","address":{"street":"","city":"","state":"","postalCode":"","country":"US"},"birthday":"19","gender":"","company":"","title":"","plan":"premium","createdAt":"2026-01-01T00:00:00.000Z"',
    '"Signed Up","Signed In","Application Opened","Application Installed","Email Opened","Email Link Clicked","Ticket Created","Products Searched","Product List Viewed","Product Clicked","Cart Viewed","Checkout Started","Checkout Step Viewed","Promotion Viewed","Coupon Applied","Payment Info Entered","Order Refunded","Product Removed","Product Added","Order Completed","Product Viewed","Page Viewed"',
    '"checkout_id":"","order_id":"","cart_id":"","product_id":"","sku":"","category":"","name":"","brand":"","variant":"","price":19.99,"quantity":1,"coupon":"","position":1,"url":"https://www.example.com/","image_url":"https://","value":0,"total":0,"subtotal":0,"revenue":29.99,"shipping":0,"tax":0,"discount":0,"currency":"USD","products":[{"product_id":"',
    '"device":{"id":"","manufacturer":"Apple","model":"iPhone","name":"","type":"ios"},"os":{"name":"iOS","version":"17."},"network":{"bluetooth":false,"carrier":"","cellular":true,"wifi":false},"screen":{"width":1920,"height":1080,"density":2},"app":{"name":"","version":"1.0.0","build":"1"},"campaign":{"name":"","source":"google","medium":"cpc","term":"","content":""}',
    'Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36',
    '"userAgent":"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36","locale":"en-US","timezone":"Europe/Berlin","ip":"127.0.0.1","library":{"name":"@segment/analytics-node","version":"2.1.0"},"library":{"name":"analytics.js","version":"4.0.0"},"page":{"path":"/","referrer":"https://www.google.com/","search":"","title":"","url":"https://www.example.com/"}',
    '{"profile":{"events":1,"firstSeen":"2026-01-01T00:00:00.000Z","lastSeen":"2026-01-01T00:00:00.000Z","traits":{"value":"","at":"2026-01-01T00:00:00.000Z","source":"web","messageId":""},"counters":{"Page Viewed":{"count":1,"sums":{"revenue":"","quantity":""},"first":"2026-01-01T00:00:00.000Z","last":"2026-01-01T00:00:00.000Z","days":{"2026-01-01":{"count":1,"sums":{}}}}},"identifiers":{"userId:":{"first":"2026-01-01T00:00:00.000Z","last":"2026-01-01T00:00:00.000Z","count":1}},"consent":{}},"evidence":{"anonymousId:":{"at":"2026-',
    '["loyaltyId","crmId","contactId","deviceId","phone","email","anonymousId","userId"],["segment@1"],["web","pos","crm"],[[0,1,"track","',
  ].join(''),
);
