"""What the command line says, in Indonesian and English: one place, so that both always say the same."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, Mapping[str, str]] = {
    "id": {
        "main": "titik-rawan: di mana PSU, rekapitulasi terlambat dan sengketa terjadi pada pemilihan yang lalu.\n\n"
        "\b\nContoh:\n  titikrawan run                 bangun gudang data dan laporan\n"
        "  titikrawan check               hasil pemeriksaan\n  titikrawan report 3171         laporan Jakarta Pusat\n"
        "  titikrawan --lang en run       keluaran berbahasa Inggris",
        "lang": "Bahasa keluaran: id atau en.",
        "version": "Tampilkan versi lalu selesai.",
        "help": "Tampilkan bantuan ini.",
        "run": "Bangun gudang data dan laporan; bila masukan tidak berubah, tidak ada yang dikerjakan.\n\n"
        "\b\nContoh:\n  titikrawan run\n  titikrawan run --no-prefect\n  titikrawan run --area 00 --area 73 --force\n"
        "  titikrawan run --runner dask --workers 8 --place s3://bucket/titikrawan",
        "run_runner": "Periksa formulir hasil per bagian sebagai tugas Prefect: threads, processes, atau klaster dask. "
        "Tanpa ini: dalam proses ini, tercepat di satu komputer. Juga: TITIKRAWAN_RUNNER.",
        "run_workers": "Bagian yang dikerjakan pada saat yang sama. Juga: TITIKRAWAN_WORKERS.",
        "run_place": "Folder bersama atau alamat fsspec untuk bagian-bagian itu; bawaan: folder kerja. "
        "Juga: TITIKRAWAN_PLACE.",
        "runner_needs_prefect": "--runner memakai Prefect; hapus --no-prefect atau --runner.",
        "no_prefect": "Tanpa Prefect: langkah dipanggil langsung.",
        "force": "Bangun walaupun tidak ada yang berubah.",
        "area": "Kode wilayah untuk laporan; dapat diulang. Bawaan: 00, 31 dan 3171.",
        "check": "Tampilkan hasil pemeriksaan proses terakhir.\n\n"
        "\b\nContoh:\n  titikrawan check\n  titikrawan check --all",
        "all": "Tampilkan juga yang lolos.",
        "quarantine": "Tampilkan baris yang dikarantina atau disimpan dengan peringatan pada proses terakhir.\n\n"
        "\b\nContoh:\n  titikrawan quarantine\n  titikrawan quarantine --file register/revotes.csv",
        "file": "Hanya berkas ini.",
        "report": "Tulis laporan satu wilayah, atau semua, dari rilis yang terbit ke reports/latest.\n\n"
        "Hanya halaman yang isinya berubah yang disusun ulang. Tanpa --lang: kedua bahasa. Kode keluar 1 bila ada "
        "halaman yang gagal.\n\n"
        "\b\nContoh:\n  titikrawan report 3171\n  titikrawan report --all\n  titikrawan --lang en report 73",
        "all_areas": "Semua provinsi dan kabupaten/kota, beserta nasional.",
        "area_or_all": "Sebutkan satu kode wilayah, atau --all untuk semua. Contoh: titikrawan report 3171",
        "writing_pages": "Menulis laporan",
        "pages": "{made} halaman disusun, {kept} tidak berubah.",
        "page_failed": "Gagal: {area} {name}: {error}",
        "pages_interrupted": "Dihentikan. Halaman yang selesai tersimpan; jalankan perintah yang sama untuk melanjutkan.",
        "dictionary": "Tampilkan kamus data: semua tabel, atau kolom satu tabel.\n\n"
        "\b\nContoh:\n  titikrawan dictionary\n  titikrawan dictionary mart.three_zeros",
        "releases": "Tampilkan rilis yang disimpan; tanda * = yang terbit.\n\n\b\nContoh:\n  titikrawan releases",
        "rollback": "Terbitkan kembali rilis sebelumnya, atau rilis yang disebut.\n\n"
        "\b\nContoh:\n  titikrawan rollback\n  titikrawan rollback 2026-11-25-0123456789ab",
        "doctor": "Periksa apakah mesin ini siap: Python, pustaka, hak tulis, gudang data.\n\n"
        "\b\nContoh:\n  titikrawan doctor",
        "seal": "Catat perubahan berkas masukan yang disengaja dalam datapackage.json.\n\n"
        "\b\nContoh:\n  titikrawan seal register",
        "add": "Salin (atau tautkan) data mentah ke data/raw/SUMBER dan catat; proses berikutnya menyertakannya.\n\n"
        "Sumber: sirekap-json, sirekap-2024, situng-2019, dpt-2019, boundaries.\n\n"
        "\b\nContoh:\n  titikrawan add sirekap-2024 ~/unduhan/sirekap --link\n"
        "  titikrawan add sirekap-json jawaban.zip --licence CC-BY-4.0",
        "link": "Tautkan, jangan salin.",
        "title": "Judul data, untuk berkas pendampingnya.",
        "licence": "Lisensi data, untuk berkas pendampingnya.",
        "passed_over": "Dilewati: {name}",
        "simulate": "Tulis negara simulasi (CSV) untuk mencoba statistik; setiap baris ditandai sebagai simulasi.\n\n"
        "\b\nContoh:\n  titikrawan simulate\n  titikrawan simulate data/simulated/uji --persistent 5 --ratio 8",
        "seed": "Benih acak.",
        "persistent": "Banyak kab/kota yang rawan pada setiap pemilihan.",
        "clusters": "Banyak gugus kecamatan per pemilihan.",
        "ratio": "Berapa kali laju biasa di tempat itu.",
        "nothing_to_do": "Tidak ada yang perlu dikerjakan: rilis {release} sudah berasal dari masukan yang sama.",
        "done": "Rilis {release} terbit dalam {seconds} detik.",
        "see_reports": "Laporan: {path}",
        "see_warehouse": "Gudang data: {path}",
        "refused": "Data ditolak; rilis yang terbit tidak berubah.",
        "see_quarantine": "Rincian: titikrawan check, titikrawan quarantine",
        "no_attempt": "Belum ada proses. Jalankan: titikrawan run",
        "no_quarantine": "Tidak ada baris yang dikarantina dan tidak ada peringatan.",
        "checks_line": "{passed} lolos, {warned} peringatan, {failed} gagal",
        "rows_line": "{quarantined} baris dikarantina, {warned} peringatan",
        "written": "Ditulis: {path}",
        "no_releases": "Belum ada rilis. Jalankan: titikrawan run",
        "rolled_back": "Rilis {release} terbit kembali.",
        "sealed": "Dicatat: {path}",
        "no_source": "Tidak ada folder {name} di data/raw. Yang ada: {known}",
        "unexpected": "Kesalahan tak terduga: {error}. Rinciannya dalam {path}",
        "ok": "baik",
        "problem": "MASALAH",
        "acquire": "Unduh hasil per TPS yang diterbitkan KPU, dengan santun: laju terbatas, dapat dilanjutkan.\n\n"
        "Alamat dasar: --base atau variabel TITIKRAWAN_SIREKAP_BASE. Kode keluar: 0 lengkap, 2 salah pakai, "
        "3 ada yang belum terjawab.\n\n"
        "\b\nContoh:\n  titikrawan acquire sirekap-2024 --area 3171\n"
        "  titikrawan acquire sirekap-2024 --area 31 --contest ppwp --contest pdpr --rate 3",
        "acquire_area": "Kode wilayah KPU 2, 4, 6 atau 10 angka, dapat diulang; 00 untuk nasional.",
        "base": "Alamat data yang diterbitkan; bawaan: TITIKRAWAN_SIREKAP_BASE.",
        "contest": "Jenis pemilihan, dapat diulang; bawaan: ppwp.",
        "rate": "Permintaan per detik, seluruh pekerja bersama.",
        "concurrency": "Permintaan pada saat yang sama, seluruh pekerja bersama.",
        "runner": "Pelaksana tugas Prefect.",
        "workers": "Kab/kota yang dikerjakan pada saat yang sama.",
        "out": "Folder hasil atau alamat fsspec; bawaan: data/raw/sirekap_json.",
        "no_prefect_acquire": "Tanpa Prefect: kab/kota satu per satu dalam proses ini.",
        "interrupted": "Dihentikan. Desa yang sudah selesai tersimpan; jalankan perintah yang sama untuk melanjutkan.",
        "starting_prefect": "Menyiapkan Prefect (server sementara, beberapa detik) …",
    },
    "en": {
        "main": "titik-rawan: where re-votes, late recapitulation and disputes happened in past elections.\n\n"
        "\b\nExample:\n  titikrawan run                 build the warehouse and the reports\n"
        "  titikrawan check               results of the checks\n"
        "  titikrawan report 3171         report on Jakarta Pusat\n"
        "  titikrawan --lang en run       output in English",
        "lang": "Language of the output: id or en.",
        "version": "Show the version and exit.",
        "help": "Show this help.",
        "run": "Build the warehouse and the reports; does nothing when the inputs are unchanged.\n\n"
        "\b\nExample:\n  titikrawan run\n  titikrawan run --no-prefect\n  titikrawan run --area 00 --area 73 --force\n"
        "  titikrawan run --runner dask --workers 8 --place s3://bucket/titikrawan",
        "run_runner": "Check result forms in parts, as Prefect tasks: threads, processes, or a dask cluster. "
        "Without it: in this process, fastest on one machine. Also: TITIKRAWAN_RUNNER.",
        "run_workers": "Parts worked on at the same time. Also: TITIKRAWAN_WORKERS.",
        "run_place": "Shared folder or address of fsspec for these parts; default: the work folder. "
        "Also: TITIKRAWAN_PLACE.",
        "runner_needs_prefect": "--runner uses Prefect; leave out --no-prefect or --runner.",
        "no_prefect": "Without Prefect: the steps are called directly.",
        "force": "Build although nothing changed.",
        "area": "Area code to report on; may be repeated. Default: 00, 31 and 3171.",
        "check": "Show the results of the checks of the last run.\n\n"
        "\b\nExample:\n  titikrawan check\n  titikrawan check --all",
        "all": "Show those that passed, too.",
        "quarantine": "Show rows that were quarantined or kept with a warning in the last run.\n\n"
        "\b\nExample:\n  titikrawan quarantine\n  titikrawan quarantine --file register/revotes.csv",
        "file": "Only this file.",
        "report": "Write the report of one area, or of all, from the published release to reports/latest.\n\n"
        "Only pages whose content changed are made anew. Without --lang: both languages. Exit code 1 where a "
        "page failed.\n\n"
        "\b\nExample:\n  titikrawan report 3171\n  titikrawan report --all\n  titikrawan --lang en report 73",
        "all_areas": "All provinces and all regencies and cities, with the nation.",
        "area_or_all": "Name one area code, or --all for all. Example: titikrawan report 3171",
        "writing_pages": "Writing reports",
        "pages": "{made} pages made, {kept} unchanged.",
        "page_failed": "Failed: {area} {name}: {error}",
        "pages_interrupted": "Stopped. Finished pages are kept; run the same command to go on.",
        "dictionary": "Show the data dictionary: all tables, or the columns of one.\n\n"
        "\b\nExample:\n  titikrawan dictionary\n  titikrawan dictionary mart.three_zeros",
        "releases": "Show the releases that are kept; * = the published one.\n\n\b\nExample:\n  titikrawan releases",
        "rollback": "Publish the previous release again, or the one that is named.\n\n"
        "\b\nExample:\n  titikrawan rollback\n  titikrawan rollback 2026-11-25-0123456789ab",
        "doctor": "Check whether this machine is ready: Python, libraries, write access, warehouse.\n\n"
        "\b\nExample:\n  titikrawan doctor",
        "seal": "Record an intended change of input files in datapackage.json.\n\n"
        "\b\nExample:\n  titikrawan seal register",
        "add": "Copy (or link) raw data into data/raw/SOURCE and record it; the next run includes it.\n\n"
        "Sources: sirekap-json, sirekap-2024, situng-2019, dpt-2019, boundaries.\n\n"
        "\b\nExample:\n  titikrawan add sirekap-2024 ~/downloads/sirekap --link\n"
        "  titikrawan add sirekap-json answers.zip --licence CC-BY-4.0",
        "link": "Link instead of copying.",
        "title": "Title of the data, for its sidecar.",
        "licence": "Licence of the data, for its sidecar.",
        "passed_over": "Passed over: {name}",
        "simulate": "Write a simulated country (CSV) to try the statistics; every row is marked as simulated.\n\n"
        "\b\nExample:\n  titikrawan simulate\n  titikrawan simulate data/simulated/try --persistent 5 --ratio 8",
        "seed": "Seed of the random numbers.",
        "persistent": "Number of kab/kota that are prone in every election.",
        "clusters": "Number of clusters of kecamatan per election.",
        "ratio": "How many times the usual rate there.",
        "nothing_to_do": "Nothing to do: release {release} already comes from the same inputs.",
        "done": "Release {release} published in {seconds} seconds.",
        "see_reports": "Reports: {path}",
        "see_warehouse": "Warehouse: {path}",
        "refused": "The data was refused; the published release is unchanged.",
        "see_quarantine": "Details: titikrawan check, titikrawan quarantine",
        "no_attempt": "There has been no run yet. Start one: titikrawan run",
        "no_quarantine": "No row is quarantined and there are no warnings.",
        "checks_line": "{passed} passed, {warned} warnings, {failed} failed",
        "rows_line": "{quarantined} rows quarantined, {warned} warnings",
        "written": "Written: {path}",
        "no_releases": "There is no release yet. Start a run: titikrawan run",
        "rolled_back": "Release {release} is published again.",
        "sealed": "Recorded: {path}",
        "no_source": "There is no folder {name} in data/raw. There are: {known}",
        "unexpected": "Unexpected error: {error}. Details are in {path}",
        "ok": "good",
        "problem": "PROBLEM",
        "acquire": "Download results per polling station as KPU published them, politely and resumably.\n\n"
        "Base address: --base or the variable TITIKRAWAN_SIREKAP_BASE. Exit codes: 0 complete, 2 usage, "
        "3 something could not be had.\n\n"
        "\b\nExample:\n  titikrawan acquire sirekap-2024 --area 3171\n"
        "  titikrawan acquire sirekap-2024 --area 31 --contest ppwp --contest pdpr --rate 3",
        "acquire_area": "KPU area code of 2, 4, 6 or 10 digits, may be repeated; 00 for the nation.",
        "base": "Address of the published tree; default: TITIKRAWAN_SIREKAP_BASE.",
        "contest": "Contest, may be repeated; default: ppwp.",
        "rate": "Requests per second, over all workers.",
        "concurrency": "Requests at the same time, over all workers.",
        "runner": "Prefect's task runner.",
        "workers": "Regencies worked on at the same time.",
        "out": "Output folder or address of fsspec; default: data/raw/sirekap_json.",
        "no_prefect_acquire": "Without Prefect: one regency after the other in this process.",
        "interrupted": "Stopped. Finished villages are kept; run the same command to go on.",
        "starting_prefect": "Starting Prefect (a temporary server, some seconds) …",
    },
}
