"""The headers each field goes by in Chinese and English lists.

Those after "|" are weak: taken only when no better column is there.
"""

from typing import Final

HEADERS: Final[dict[str, str]] = {
    "case_number": (
        "case_number case_id case_no caseid 病例编号 病例号 患者编号 个案编号 病例ID 病例id 病例序号 "
        "卡片编号 卡片ID local_id caseID patient_id patient_number | 编号 id 序号 number no no. record_id"
    ),
    "person_name": "person_name name full_name patient_name 姓名 患者姓名 患者名 病例姓名 名字 患者",
    "sex": "sex gender 性别 gender_sex",
    "age": "age age_years 年龄 年龄岁 年龄周岁 周岁 岁数 age_in_years ageyears",
    "born_on": "born_on date_of_birth birth_date birthdate dob 出生日期 出生年月 出生年月日 生日",
    "id_number": (
        "id_number identity_number id_card national_id passport 身份证 身份证号 身份证号码 有效证件号 "
        "证件号 证件号码 公民身份号码 护照号"
    ),
    "phone": "phone phone_number telephone tel mobile 电话 联系电话 手机 手机号 手机号码 联系方式 本人电话",
    "occupation": "occupation profession job 职业 人群分类 患者职业 工种",
    "residence": (
        "residence home_address current_address 现住址 居住地 住址 现居住地 常住地 现住地址 家庭住址 "
        "现住详细地址 居住地址 现住地"
    ),
    "province": "province state admin1 省 省份 省市自治区 现住省 省级",
    "prefecture": "prefecture city admin2 市 地市 地级市 市州 城市 现住市 市级",
    "county": "county district admin3 区县 区 县 县区 区/县 县市区 现住区县 区县级 旗县",
    "township": "township subdistrict street town admin4 镇街道 镇/街道 乡镇 街道 乡镇街道 街道乡镇 镇街 现住街道",
    "community": "community village admin5 社区 村 村居 社区村 小区 居委会 村社区 行政村",
    "address": "address detailed_address 详细地址 地址 门牌 门牌号 具体地址",
    "place_code": (
        "place_code area_code admin_code 地区编码 现住地址国标 现住地编码 行政区划代码 区划代码 地区代码 现住地区编码"
    ),
    "disease": "disease condition diagnosis 疾病 疾病名称 病种 诊断 诊断疾病",
    "classification": (
        "classification case_classification case_type case_status 病例分类 病例类型 分类 诊断类型 病例分类1 感染类型"
    ),
    "severity": ("severity clinical_severity 临床分型 严重程度 病情 分型 临床严重程度 型别 临床类型 病情程度 诊断分型"),
    "symptoms": "symptoms symptom symptom_type clinical_symptoms 症状 病症 临床症状 主要症状 临床表现",
    "onset_on": (
        "onset_on onset onset_date date_onset date_of_onset symptom_onset symptom_onset_date "
        "date_of_symptom_onset date_of_prodrome prodrome 发病日期 发病时间 起病日期 发病日 症状出现日期 "
        "首发症状日期"
    ),
    "onset_place": "onset_place place_of_onset 发病地点 发病地",
    "rash_on": "rash_on date_of_rash rash_date rash_onset 出疹日期 出疹时间 皮疹日期",
    "sampled_on": (
        "sampled_on sample_date date_of_sample specimen_date collection_date 采样日期 采样时间 "
        "标本采集日期 采集日期 首次采样日期"
    ),
    "positive_on": (
        "positive_on positive_date date_positive test_positive_date positive_test_date 阳性日期 "
        "核酸阳性日期 首次阳性日期 检测阳性时间 检出日期 阳性检出日期 初筛阳性时间"
    ),
    "confirmed_on": (
        "confirmed_on confirm_date confirmation_date date_confirmed date_of_confirmation diagnosis_date "
        "date_of_diagnosis diagnosed_on 确诊日期 确诊时间 诊断日期 诊断时间 订正终审时间"
    ),
    "reported_on": (
        "reported_on report_date date_report date_reported date_of_report notification_date publish_date "
        "published_on 报告日期 报告时间 通报日期 公布日期 发布日期 录入日期 报卡日期 报告卡录入时间 "
        "填卡日期"
    ),
    "hospital": (
        "hospital hospital_name facility health_facility 医院 确诊医院 收治医院 就诊医院 定点医院 报告单位 诊断医院"
    ),
    "admitted_on": "admitted_on admission_date date_of_admission date_admitted 入院日期 入院时间 住院日期 收治日期",
    "isolated_on": (
        "isolated_on isolation_date quarantine_date date_of_quarantine date_of_isolation 隔离日期 "
        "隔离时间 开始隔离日期 管控日期 管控时间 集中隔离日期"
    ),
    "quarantine_type": "quarantine_type isolation_type 隔离方式 隔离类型 管控方式 管控措施 隔离形式",
    "how_found": (
        "how_found detection_mode mode_of_detection found_by 发现方式 发现途径 病例发现途径 来源方式 检出途径"
    ),
    "found_by_screening": "found_by_screening screening_found 筛查发现 是否筛查发现 是否社会面筛查",
    "under_order_when_found": (
        "under_order_when_found isolated_before_positive quarantined_before_positive in_quarantine "
        "是否隔离发现 是否隔离管控 发现时已隔离 是否管控 隔离管控中发现 阳性前是否隔离"
    ),
    "outcome": "outcome final_outcome status 转归 结局 结果 病例转归 目前状态 当前状态",
    "died_on": "died_on date_of_death death_date 死亡日期 死亡时间 | death",
    "discharged_on": (
        "discharged_on discharge_date date_of_discharge date_recovered recovery_date 出院日期 出院时间 "
        "治愈日期 解除隔离日期"
    ),
    "contact_of": (
        "contact_of infector infector_id source_case source_case_id infected_by index_case 密切患者 "
        "密接病例 关联病例 感染来源 感染来源病例 传染源 上代病例 指示病例 密切接触病例 | infection_source"
    ),
    "relation": "relation relationship 关系 与病例关系 与传染源关系 接触关系",
    "household": "household household_id family_id family 家庭编号 家庭 户号 户编号",
    "exposed_from_on": (
        "exposed_from_on exposure_start start_source date_exposure_start 暴露开始日期 首次暴露日期 接触开始日期"
    ),
    "exposed_to_on": (
        "exposed_to_on exposure_end end_source date_exposure_end last_exposure 暴露结束日期 末次暴露日期 末次接触日期"
    ),
    "exposure": "exposure exposure_history 接触史 暴露史 流行病学史 流行病学 旅居史",
    "left_area_on": "left_area_on departure_date 离鄂时间 离开疫区时间 离开日期",
    "left_area": "left_area departure_city 离鄂城市 离开城市 来源地",
    "contacts_count": "contacts_count number_of_contacts 密触人数 密接人数 密切接触者人数 密接数",
    "review_state": "review_state 审核状态 审核 终审状态",
    "text": "text notice narrative free_text 通报 通报原文 原文 病例描述 详情 病例信息 流调信息",
    "notes": "notes note remarks remark comments comment 备注 说明 其他 补充说明",
    "source_urls": "source_urls source_url url link 数据源 数据源1 数据源2 数据来源 来源 链接 信息来源",
    "visit_on": "visit_on visit_date travel_date 时间 出行时间 出行日期 活动日期",
    "visit_started": "visit_started visit_start 开始时间 到达时间 活动开始时间 进入时间",
    "visit_ended": "visit_ended visit_end 结束时间 离开时间 活动结束时间",
    "visit_place": "visit_place place_visited 地点 场所 活动地点 到访地点 活动场所 场所名称",
    "visit_from": "visit_from departure origin 起始地 起始上车地 起始（上车）地 出发地 上车地 上车地点",
    "visit_to": "visit_to arrival destination 目的地 目的下车地 目的（下车）地 到达地 下车地 下车地点",
    "visit_transport": "visit_transport transport means_of_transport 出行方式 交通方式 交通工具",
    "visit_vehicle": "visit_vehicle vehicle vehicle_number 车次车厢座位 车次/车厢/座位 车次 航班 车牌 航班号 班次",
    "visit_event": "visit_event event activity 事件 活动 活动内容 行为",
}
