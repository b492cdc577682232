// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/watch_dialog.h"

#include "app/gui/form_parts.h"
#include "app/gui/live_data.h"
#include "app/gui/port_edit.h"
#include "app/gui/texts.h"
#include "dbus/names.h"
#include "dbus/port_list.h"

#include <QButtonGroup>
#include <QComboBox>
#include <QDialogButtonBox>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QRadioButton>

namespace weir::gui {

namespace {

constexpr int kPorts = 0;
constexpr int kLink = 1;
constexpr int kService = 2;

} // namespace

WatchDialog::WatchDialog(LiveData &live, QWidget *parent) : QDialog(parent), m_live(live)
{
    setWindowTitle(tr("Add a watch"));
    build();
    check();
}

WatchDialog::WatchDialog(LiveData &live, const dbus::WatchRow &watch, QWidget *parent)
    : QDialog(parent), m_live(live), m_original(watch)
{
    setWindowTitle(tr("Edit “%1”").arg(watch.name));
    build();
    load(watch);
}

void WatchDialog::build()
{
    m_name = new QLineEdit;
    m_name->setAccessibleName(tr("Name"));
    m_name->setPlaceholderText(tr("For example: web"));
    m_nameHint = hintLabel();

    auto *ports = new QRadioButton(tr("Ports of this machine"));
    auto *link = new QRadioButton(tr("A whole link"));
    auto *service = new QRadioButton(tr("A service"));
    m_kind = new QButtonGroup(this);
    m_kind->addButton(ports, kPorts);
    m_kind->addButton(link, kLink);
    m_kind->addButton(service, kService);
    ports->setChecked(true);
    auto *kinds = new QWidget;
    auto *kindLayout = new QHBoxLayout(kinds);
    kindLayout->setContentsMargins(0, 0, 0, 0);
    kindLayout->setSpacing(20);
    kindLayout->addWidget(ports);
    kindLayout->addWidget(link);
    kindLayout->addWidget(service);
    kindLayout->addStretch();

    m_ports = new PortEdit;
    m_ports->setAccessibleName(tr("Ports"));
    m_ports->setPlaceholderText(QStringLiteral("8000, 9000-9100"));
    m_ports->setToolTip(tr(
        "Ports and ranges of this machine's side, separated by commas or spaces. Received packets count by "
        "their destination port, sent ones by their source port."));
    m_portsHint = hintLabel();
    m_protocol = new QComboBox;
    m_protocol->setAccessibleName(tr("Protocol"));
    m_protocol->addItem(tr("TCP and UDP"), QStringLiteral("both"));
    m_protocol->addItem(QStringLiteral("TCP"), QStringLiteral("tcp"));
    m_protocol->addItem(QStringLiteral("UDP"), QStringLiteral("udp"));
    m_link = new QComboBox;
    m_link->setAccessibleName(tr("Link"));
    loadLinks();
    m_service = new QComboBox;
    m_service->setAccessibleName(tr("Service"));
    m_service->setEditable(true);
    m_service->setInsertPolicy(QComboBox::NoInsert);
    m_service->lineEdit()->setPlaceholderText(QStringLiteral("nginx.service"));
    m_service->lineEdit()->setMaxLength(dbus::kMaxServiceNameLength);
    m_service->setToolTip(tr("A systemd unit, an application or a container. All that its programs move "
                             "counts, on any port and in any "
                             "protocol: of a proxy both legs."));
    m_serviceHint = hintLabel();
    loadServices();
    m_note = new QPlainTextEdit;
    m_note->setAccessibleName(tr("Note"));
    m_note->setPlaceholderText(tr("What it is for, whose it is… (optional)"));
    m_note->setTabChangesFocus(true);
    m_note->setFixedHeight(fontMetrics().height() * 3 + 14);
    m_noteHint = hintLabel();

    QFormLayout *head = nullptr;
    QFormLayout *portsForm = nullptr;
    QFormLayout *linkForm = nullptr;
    QFormLayout *serviceForm = nullptr;
    QFormLayout *foot = nullptr;
    auto *headWidget = formWidget(head);
    m_portsForm = formWidget(portsForm);
    m_linkForm = formWidget(linkForm);
    m_serviceForm = formWidget(serviceForm);
    auto *footWidget = formWidget(foot);
    head->addRow(tr("Name"), withHint(m_name, m_nameHint));
    head->addRow(tr("Counts"), kinds);
    portsForm->addRow(tr("Ports"), withHint(m_ports, m_portsHint));
    portsForm->addRow(tr("Protocol"), m_protocol);
    linkForm->addRow(tr("Link"), m_link);
    serviceForm->addRow(tr("Service"), withHint(m_service, m_serviceHint));
    foot->addRow(tr("Note"), withHint(m_note, m_noteHint));
    alignLabels({head, portsForm, linkForm, serviceForm, foot});

    m_message = new QLabel;
    m_message->setWordWrap(true);
    m_message->setProperty("notice", true);
    m_message->hide();
    auto *buttons = new QDialogButtonBox;
    m_save = buttons->addButton(m_original ? tr("Save") : tr("Add"), QDialogButtonBox::AcceptRole);
    m_save->setProperty("primary", true);
    m_save->setDefault(true);
    buttons->addButton(tr("Cancel"), QDialogButtonBox::RejectRole);

    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(24, 20, 24, 20);
    layout->setSpacing(12);
    for (QWidget *widget :
         {headWidget, m_portsForm, m_linkForm, m_serviceForm, footWidget, static_cast<QWidget *>(m_message)})
        layout->addWidget(widget);
    layout->addStretch();
    layout->addWidget(buttons);
    setMinimumWidth(520);

    connect(m_name, &QLineEdit::textChanged, this, &WatchDialog::check);
    connect(m_ports, &QLineEdit::textChanged, this, &WatchDialog::check);
    connect(m_service, &QComboBox::currentTextChanged, this, &WatchDialog::check);
    connect(m_note, &QPlainTextEdit::textChanged, this, &WatchDialog::check);
    connect(m_kind, &QButtonGroup::idToggled, this, &WatchDialog::check);
    connect(buttons, &QDialogButtonBox::accepted, this, &WatchDialog::save);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
}

void WatchDialog::propose(const QString &name, const QString &ports, const QString &protocol)
{
    m_name->setText(name);
    m_ports->setText(ports);
    m_protocol->setCurrentIndex(m_protocol->findData(protocol));
    m_name->selectAll();
}

void WatchDialog::load(const dbus::WatchRow &watch)
{
    m_original = watch;
    m_name->setText(watch.name);
    m_kind
        ->button(watch.kind == QLatin1String("link")          ? kLink
                     : watch.kind == QLatin1String("service") ? kService
                                                              : kPorts)
        ->setChecked(true);
    for (QAbstractButton *button : m_kind->buttons())
        button->setEnabled(button->isChecked()); // the kind of a watch cannot change
    const auto ranges = dbus::parsePortList(watch.ports);
    m_ports->setText(ranges
                         ? text::ports(*ranges, dbus::kMaxPortRanges).replace(QChar(0x2013), QLatin1Char('-'))
                         : watch.ports);
    m_protocol->setCurrentIndex(std::max(0, m_protocol->findData(watch.protocol)));
    if (!watch.link.isEmpty() && m_link->findData(watch.link) < 0)
        m_link->addItem(tr("%1 (not there now)").arg(watch.link), watch.link);
    m_link->setCurrentIndex(m_link->findData(watch.link));
    m_service->setEditText(watch.service);
    m_note->setPlainText(watch.note);
    check();
}

void WatchDialog::loadLinks()
{
    for (const dbus::LinkRow &link : m_live.links().rows())
        m_link->addItem(link.metered ? tr("%1 — %2").arg(link.name, text::linkKind(link.kind))
                                     : tr("%1 — %2, not metered").arg(link.name, text::linkKind(link.kind)),
                        link.name);
    if (!m_original)
        for (const dbus::LinkRow &link : m_live.links().rows())
            if (link.metered) {
                m_link->setCurrentIndex(m_link->findData(link.name));
                break;
            }
}

void WatchDialog::loadServices()
{
    m_live.client().services(this, [this](const client::Answer<dbus::ServiceRows> &services) {
        if (!services)
            return; // one can be typed all the same
        const QString typed = m_service->currentText();
        m_service->clear();
        for (const dbus::ServiceRow &service : *services)
            m_service->addItem(service.name);
        m_service->setEditText(typed);
        check();
    });
}

QString WatchDialog::service() const
{
    return m_service->currentText().trimmed();
}
QString WatchDialog::name() const
{
    return m_name->text().trimmed();
}
QString WatchDialog::note() const
{
    return m_note->toPlainText().trimmed();
}

bool WatchDialog::checkName()
{
    const QString typed = name();
    const auto isControl = [](QChar c) { return c.category() == QChar::Other_Control; };
    QString wrong;
    if (typed.size() > dbus::kMaxNameLength)
        wrong = tr("At most %1 characters; these are %2.").arg(dbus::kMaxNameLength).arg(typed.size());
    else if (std::any_of(typed.begin(), typed.end(), isControl))
        wrong = tr("Control characters cannot be part of a name.");
    else if (m_live.watches().watch(typed) && !(m_original && m_original->name == typed))
        wrong = tr("There is a watch of this name already.");
    setHint(m_nameHint, wrong, Tone::Error);
    m_nameHint->setVisible(!wrong.isEmpty());
    return wrong.isEmpty() && !typed.isEmpty();
}

bool WatchDialog::checkPorts()
{
    const auto ranges = dbus::parsePortList(m_ports->text());
    auto *edit = static_cast<PortEdit *>(m_ports);
    if (ranges) {
        edit->clearMark();
        setHint(m_portsHint,
                tr("%Ln port(s): %1", nullptr, text::portCount(*ranges)).arg(text::ports(*ranges, 8)),
                Tone::Plain);
        return true;
    }
    const bool empty = ranges.error().kind == dbus::PortListError::Kind::Empty;
    setHint(m_portsHint, text::portListError(ranges.error()), empty ? Tone::Plain : Tone::Error);
    edit->mark(ranges.error().offset, ranges.error().part.size());
    return false;
}

bool WatchDialog::checkNote()
{
    const qsizetype length = note().size();
    const bool fits = length <= dbus::kMaxNoteLength;
    setHint(m_noteHint,
            fits ? QString()
                 : tr("At most %1 characters; these are %2.").arg(dbus::kMaxNoteLength).arg(length),
            Tone::Error);
    m_noteHint->setVisible(!fits);
    return fits;
}

/// One that was never seen may be watched: it counts when it comes.
bool WatchDialog::checkService()
{
    const QString typed = service();
    const bool isNew =
        !typed.isEmpty() && m_service->count() > 0 && m_service->findText(typed, Qt::MatchExactly) < 0;
    setHint(m_serviceHint,
            isNew ? tr("This service has sent and received nothing yet; it is counted when it does.")
                  : QString(),
            Tone::Plain);
    m_serviceHint->setVisible(isNew);
    return !typed.isEmpty();
}

bool WatchDialog::checkCounted()
{
    switch (m_kind->checkedId()) {
    case kLink:
        return m_link->currentIndex() >= 0;
    case kService:
        return checkService();
    default:
        return checkPorts();
    }
}

void WatchDialog::check()
{
    const int kind = m_kind->checkedId();
    m_portsForm->setVisible(kind == kPorts);
    m_linkForm->setVisible(kind == kLink);
    m_serviceForm->setVisible(kind == kService);
    const bool nameFits = checkName();
    const bool countedFits = checkCounted();
    const bool noteFits = checkNote();
    m_save->setEnabled(nameFits && countedFits && noteFits && !m_busy);
}

QVariantMap WatchDialog::fields() const
{
    QVariantMap fields;
    switch (m_kind->checkedId()) {
    case kLink:
        fields.insert(QStringLiteral("link"), m_link->currentData().toString());
        break;
    case kService:
        fields.insert(QStringLiteral("service"), service());
        break;
    default:
        fields.insert(QStringLiteral("ports"),
                      dbus::formatPortList(dbus::parsePortList(m_ports->text()).value()));
        fields.insert(QStringLiteral("protocol"), m_protocol->currentData().toString());
    }
    fields.insert(QStringLiteral("note"), note());
    if (m_original && m_original->name != name())
        fields.insert(QStringLiteral("name"), name());
    return fields;
}

void WatchDialog::save()
{
    if (!m_save->isEnabled())
        return;
    setBusy(true);
    const auto done = [this, name = name()](const client::Answer<uint> &answer) { answered(answer, name); };
    if (m_original)
        m_live.client().editWatch(m_original->revision, m_original->name, fields(), this, done);
    else
        m_live.client().addWatch(name(), fields(), this, done);
}

void WatchDialog::answered(const client::Answer<uint> &answer, const QString &name)
{
    setBusy(false);
    if (answer) {
        Q_EMIT saved(name);
        accept();
    } else if (answer.error().name == dbus::error::kConflict) {
        afterConflict(answer.error());
    } else {
        showMessage(text::callError(answer.error()), true);
    }
}

void WatchDialog::afterConflict(const client::CallError &error)
{
    // A conflict has several causes; the message begins with the argument at fault when there is one.
    if (error.message.startsWith(QLatin1String("name")))
        return showMessage(tr("There is a watch of this name already. Choose another name."), true);
    if (!m_original)
        return showMessage(text::callError(error), true);
    // Somebody else may have been faster: only the watch of now can tell.
    m_live.client().watches(this, [this, error](const client::Answer<dbus::WatchRows> &answer) {
        if (!answer)
            return showMessage(text::callError(error), true);
        const auto now = std::find_if(answer->begin(), answer->end(), [this](const dbus::WatchRow &row) {
            return row.name == m_original->name;
        });
        if (now == answer->end())
            return showMessage(tr("This watch was removed or renamed elsewhere meanwhile."), true);
        if (now->revision == m_original->revision)
            return showMessage(text::callError(error), true);
        load(*now);
        showMessage(tr("This watch was changed elsewhere meanwhile. It now reads as shown here: make your "
                       "change again."),
                    false);
    });
}

void WatchDialog::showMessage(const QString &text, bool error)
{
    setHint(m_message, text, error ? Tone::Error : Tone::Plain);
    m_message->show();
}

void WatchDialog::setBusy(bool busy)
{
    m_busy = busy;
    m_message->hide();
    if (busy)
        showMessage(tr("Waiting for the service. It may ask for a password."), false);
    check();
}

} // namespace weir::gui
