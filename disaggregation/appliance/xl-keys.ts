// Every key that Xen 4.17's xl reads in a guest file (xl.cfg(5) and the program itself). What is
// not among `supported` is refused by name, so that nobody believes in a setting without effect.

/** Keys that mean here what they mean in Xen. */
export const supported: ReadonlySet<string> = new Set([
  "cmdline",
  "cpu_weight",
  "cpuid",
  "disk",
  "extra",
  "kernel",
  "maxmem",
  "maxvcpus",
  "memory",
  "name",
  "on_crash",
  "on_poweroff",
  "on_reboot",
  "ramdisk",
  "root",
  "seclabel",
  "type",
  "vcpus",
  "vif",
]);

const spaced = `
acpi acpi_firmware acpi_laptop_slate acpi_s3 acpi_s4 altp2m altp2mhvm apic argo bios
bios_path_override blkdev_start boot bootloader bootloader_args builder cap channel cpus
cpus_soft device_model device_model_args device_model_args_hvm device_model_args_pv
device_model_override device_model_stubdomain_override device_model_stubdomain_seclabel
device_model_user device_model_version device_tree display dm_restrict driver_domain dtdev
e820_host extratime firmware firmware_override gfx_passthru gic_version hap hdtype hpet
init_seclabel iomem ioports irqs keymap latency localtime max_event_channels max_grant_frames
max_grant_version max_maptrack_frames mca_caps mmio_hole ms_vm_genid msr_relaxed nestedhvm nodes
nographic nomigrate nx on_soft_reset on_watchdog oos opengl p9 pae passthrough pci pci_msitranslate
pci_permissive pci_power_mgmt pci_seize period pool pvcalls pvh pvshim pvshim_cmdline pvshim_extra
pvshim_path rdm rdm_mem_boundary rtc_timeoffset sdl serial shadow_memory slice smbios_firmware
soundhw spice spice_clipboard_sharing spice_image_compression spice_streaming_video
spiceagent_mouse spicedisable_ticketing spicehost spicepasswd spiceport spicetls_port
spiceusbredirection spicevdagent stdvga stubdomain_cmdline stubdomain_kernel stubdomain_memory
stubdomain_ramdisk tee timer_mode tsc_mode usb usbctrl usbdev usbdevice usbversion uuid vdispl
vendor_device vfb vga videoram viridian vkb vkb_device vmtrace_buf_kb vnc vncdisplay vnclisten
vncpasswd vncunused vnuma vpmu vpt_align vsnd vtpm vuart xauthority xen_platform_pci
xend_suspend_evtchn_compat
`;

/** Keys of xl that Xenolith does not read yet. */
export const unsupported: ReadonlySet<string> = new Set(spaced.trim().split(/\s+/));
