"""Kind and help of every GPU metric, in the order in which /metrics shows them."""

FAMILIES = {
    "skein_gpu_up": ("gauge", "1 when the GPU could be read, 0 when it is gone or hangs"),
    "nv_gpu_utilization": ("gauge", "GPU utilization, 0.0 to 1.0"),
    "nv_gpu_memory_total_bytes": ("gauge", "GPU memory, in bytes"),
    "nv_gpu_memory_used_bytes": ("gauge", "GPU memory in use, in bytes"),
    "nv_gpu_power_usage": ("gauge", "GPU power, in watts"),
    "nv_gpu_power_limit": ("gauge", "GPU power limit, in watts"),
    "nv_energy_consumption": ("counter", "GPU energy since the driver was loaded, in joules"),
    "skein_gpu_memory_free_bytes": ("gauge", "GPU memory not in use"),
    "skein_gpu_process_memory_bytes": ("gauge", "GPU memory of this server's process"),
    "skein_gpu_memory_utilization_ratio": (
        "gauge",
        "Share of time in which GPU memory was read or written",
    ),
    "skein_gpu_temperature_celsius": ("gauge", "GPU temperature"),
    "skein_gpu_clock_hertz": ("gauge", "Clock now"),
    "skein_gpu_clock_max_hertz": ("gauge", "Highest clock the GPU can have"),
    "skein_gpu_throttle": ("gauge", "1 while the clocks are held down for this reason"),
    "skein_gpu_ecc_errors": (
        "counter",
        "Memory errors: volatile since the driver was loaded, aggregate in the GPU's life",
    ),
    "skein_gpu_sm_utilization_ratio": ("gauge", "Multiprocessors busy since the last reading"),
    "skein_gpu_sm_occupancy_ratio": ("gauge", "Warps resident, of those that fit"),
    "skein_gpu_tensor_utilization_ratio": (
        "gauge",
        "Time of the tensor cores: any, half (FP16, BF16) or integer (INT8) arithmetic",
    ),
    "skein_gpu_memory_bandwidth_utilization_ratio": ("gauge", "Memory bandwidth used"),
    "skein_gpu_pcie_bytes_per_second": ("gauge", "PCIe traffic from (transmit) and to the GPU"),
}
