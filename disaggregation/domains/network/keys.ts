// The keys of a network device in xenstore (public/io/netif.h), in the order in which they are
// read.

/** In the back end's directory, when a device is found. */
export const SETUP_KEYS: string = "mac ip bridge";
export const MAC: u32 = 0;
export const IP: u32 = 1;
export const BRIDGE: u32 = 2;

/** In the front end's directory, when it says that its rings stand. */
export const CONNECT_KEYS: string = `tx-ring-ref rx-ring-ref
event-channel event-channel-tx event-channel-rx request-rx-copy
feature-rx-notify feature-sg feature-gso-tcpv4 feature-gso-tcpv6
feature-no-csum-offload feature-ipv6-csum-offload request-multicast-control`;
export const TX_REFERENCE: u32 = 0;
export const RX_REFERENCE: u32 = 1;
export const EVENT_CHANNEL: u32 = 2;
export const EVENT_CHANNEL_TX: u32 = 3;
export const EVENT_CHANNEL_RX: u32 = 4;
export const REQUEST_RX_COPY: u32 = 5;
export const RX_NOTIFY: u32 = 6;
export const SCATTER: u32 = 7;
export const GSO_TCP4: u32 = 8;
export const GSO_TCP6: u32 = 9;
export const NO_CHECKSUM: u32 = 10;
export const CHECKSUM6: u32 = 11;
export const MULTICAST_CONTROL: u32 = 12;
