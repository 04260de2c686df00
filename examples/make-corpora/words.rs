//! Numbers that stand for words: priorities, and the message ids of systemd.

/// Message ids of systemd's catalogue.
pub mod id {
    pub const STARTING: &str = "7d4958e842da4a758f6c1cdc7b36dcc5";
    pub const STARTED: &str = "39f53479d3a045ac8e11786248231fbf";
    pub const START_FAILED: &str = "be02cf6855d2428ba40df7e9d022f03d";
    pub const STOPPING: &str = "de5b426a63be47a7b6ac3eaac82e2f6f";
    pub const STOPPED: &str = "9d1aaa27d60140bd96365438aad20286";
    pub const EXITED: &str = "98e322203f7a4ed290d09fe03c09fe15";
    pub const FAILED: &str = "d9b373ed55a64feb8242e02dbe79a49c";
    pub const SUCCESS: &str = "7ad2d189f7e94e70a38c781354912448";
    pub const RESTART: &str = "5eb03494b6584870a536b337290809b3";
    pub const OOM: &str = "fe6faa94e7774663a0da52717891d8ef";
    pub const SUPPRESSED: &str = "a596d6fe7bfa4994828e72309e95d61e";
    pub const SHUTDOWN: &str = "98268866d1d54a499c4e98921d93bc40";
}

/// Syslog priorities.
pub mod prio {
    pub const CRIT: u8 = 2;
    pub const ERR: u8 = 3;
    pub const WARNING: u8 = 4;
    pub const NOTICE: u8 = 5;
    pub const INFO: u8 = 6;
}
