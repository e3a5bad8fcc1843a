//! `-v`: each netlink message as a line, by the kernel's names.

use pontoon_netlink::Messages;
use pontoon_netlink::ack::Ack;
use pontoon_netlink::message::NLMSG_ERROR;
use pontoon_netlink::names::{self, describe};

use crate::error::{self, Errno, Report};
use crate::sys::netlink::Protocol;

/// Tells what is sent: `> RTM_NEWLINK IFLA_IFNAME=veth1`.
pub fn sent(report: Report, protocol: Protocol, datagram: &[u8]) {
    let Some(trace) = report.trace else { return };
    for message in Messages::new(datagram) {
        trace(format_args!("> {}", describe(words_of(protocol), &message)));
    }
}

/// Tells what came back: `< EEXIST` or the object that was asked for.
pub fn received(report: Report, protocol: Protocol, datagram: &[u8]) {
    let Some(trace) = report.trace else { return };
    for message in Messages::new(datagram) {
        let ack = Ack::parse(&message).filter(|_| message.kind == NLMSG_ERROR);
        match ack {
            None => trace(format_args!("< {}", describe(words_of(protocol), &message))),
            Some(Ack { errno: 0, .. }) => trace(format_args!("< done")),
            Some(ack) => {
                let name = error::name(Errno::from_raw_os_error(ack.errno.clamp(1, 4095)));
                match ack.message {
                    Some(words) => trace(format_args!("< {name} {words}")),
                    None => trace(format_args!("< {name}")),
                }
            }
        }
    }
}

/// Whose names the types and attributes have.
fn words_of(protocol: Protocol) -> names::Protocol {
    match protocol {
        Protocol::Route => names::Protocol::Route,
        Protocol::Netfilter => names::Protocol::Netfilter,
    }
}
