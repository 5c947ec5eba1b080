import { columnsOf, csv, json, type Preset } from './preset-kit.ts';
import { DEFAULT_NULLS } from './reading.ts';

/** Files and events of other systems. */
export const SYSTEM_PRESETS = {
  gorse: {
    says: 'gorse: feedback as CSV or JSON, items, users',
    layouts: {
      interactions: [
        csv(
          'type:feedback_type|FeedbackType,userId:user_id|UserId,itemId:item_id|ItemId,value:value|Value|*,timestamp:time_stamp|timestamp|Timestamp',
          {
            begins: /^feedback_type,user_id,item_id/,
          },
        ),
        json('type:FeedbackType,userId:UserId,itemId:ItemId,value:Value|*,timestamp:Timestamp', {
          begins: /^\[?\s*\{"FeedbackType"/,
        }),
      ],
      items: json('itemId:ItemId,hidden:IsHidden|*,categories:Categories|*,labels:Labels|*', {
        begins: /^\[?\s*\{"ItemId"/,
      }),
      users: json('userId:UserId,labels:Labels|*', { begins: /^\[?\s*\{"UserId"/ }),
    },
  },
  personalize: {
    says: 'Amazon Personalize: interactions, items and users as CSV',
    layouts: {
      interactions: csv(
        'userId:USER_ID,itemId:ITEM_ID,timestamp:TIMESTAMP,type:EVENT_TYPE|*,value:EVENT_VALUE|*',
        {
          type: 'click',
          timestampFormat: 's',
          begins: /^(?=[^\n]*\bUSER_ID\b)(?=[^\n]*\bITEM_ID\b)[A-Z_,]+\r?\n/,
        },
      ),
      items: csv(
        'itemId:ITEM_ID,categories:GENRES|GENRE|CATEGORY_L1|CATEGORIES|*,availableFrom:CREATION_TIMESTAMP|*,price:PRICE|*',
        {
          begins: /^ITEM_ID,[A-Z_0-9,]+\r?\n/,
        },
      ),
      users: csv('userId:USER_ID,age:AGE|*,gender:GENDER|*', { begins: /^USER_ID,[A-Z_0-9,]+\r?\n/ }),
    },
  },
  segment: {
    says: 'Segment: track calls with the events of its e-commerce specification',
    layouts: {
      interactions: json(
        'userId:userId|anonymousId,itemId:properties.products[].product_id|properties.product_id,value:properties.products[].quantity|*,type:event,timestamp:timestamp,eventId:messageId',
        {
          types: {
            'Product Viewed': 'view',
            'Product Clicked': 'click',
            'Product Added': 'cart',
            'Product Added to Wishlist': 'wishlist',
            'Order Completed': 'purchase',
          },
          begins: /^\[?\s*\{[^\n]*"messageId"/,
        },
      ),
    },
  },
  snowplow: {
    says: 'Snowplow: enriched events of a warehouse, as CSV or JSON lines',
    layouts: {
      interactions: (['csv', 'ndjson'] as const).map((format) => ({
        format,
        columns: columnsOf(
          'userId:user_id|domain_userid,itemId:ti_sku|se_property|se_label,type:event_name|event,timestamp:derived_tstamp|collector_tstamp,eventId:event_id',
        ),
        begins: /^[^\n]*\bevent_id\b[^\n]*|^[^\n]*\bdomain_userid\b/,
      })),
    },
  },
  ga4: {
    says: "Google Analytics 4: the events that BigQuery exports, with a row for each of an event's items",
    layouts: {
      interactions: json(
        'userId:user_id|user_pseudo_id,itemId:items[].item_id,value:items[].quantity|*,type:event_name,timestamp:event_timestamp',
        {
          timestampFormat: 'us',
          begins: /^\{[^\n]*"event_timestamp"/,
        },
      ),
    },
  },
  'shopify-orders': {
    says: 'Shopify: orders as CSV (the export of the admin) or JSON (the API)',
    layouts: {
      interactions: [
        csv('userId:Email,itemId:Lineitem sku|Lineitem name,value:Lineitem quantity,timestamp:Created at', {
          type: 'purchase',
          begins: /^Name,Email,/,
        }),
        json(
          'userId:customer.id|email,itemId:line_items[].product_id,value:line_items[].quantity,timestamp:created_at,eventId:id',
          {
            type: 'purchase',
            begins:
              /^\[?\s*\{[^\n]*"line_items"[^\n]*"admin_graphql_api_id"|^\[?\s*\{[^\n]*"admin_graphql_api_id"[^\n]*"line_items"/,
          },
        ),
      ],
    },
  },
  woocommerce: {
    says: 'WooCommerce: orders of the REST API; guests (customer 0) go by their address',
    layouts: {
      interactions: json(
        'userId:customer_id|billing.email,itemId:line_items[].product_id,value:line_items[].quantity,timestamp:date_created_gmt,eventId:id',
        {
          type: 'purchase',
          nulls: [...DEFAULT_NULLS, '0'],
          begins: /^\[?\s*\{[^\n]*"date_created_gmt"/,
        },
      ),
    },
  },
} satisfies Record<string, Preset>;
